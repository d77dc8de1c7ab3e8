"""Settings (设置): what whoever runs a node may choose, by environment or by the node's own file.

`node.json` in the home says what was chosen when the node was made and cannot change afterwards.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum, unique
from pathlib import Path
from typing import TypeVar

from tallyport.app.home import Home
from tallyport.kernel.guard import FaultError

DAY_SECONDS = 24 * 60 * 60
STOCK_DAYS_MAX = 3_650  # Ten years: whoever wants no alert.
W = TypeVar("W", bound=StrEnum)


class SettingsError(FaultError):
    """A setting cannot be used. Says which, what was expected and what to do."""


@unique
class Shown(StrEnum):
    """Who may read the figures of the node."""

    LOOPBACK = "loopback"  # Programs on this machine, not through a proxy.
    ALL = "all"  # Whoever reaches the port: behind a firewall.
    NOBODY = "nobody"


@unique
class Spoken(StrEnum):
    """How the log is written."""

    TEXT = "text"
    JSON = "json"  # An object a line, for programs.


@unique
class Eyes(StrEnum):
    """How many eyes see a doubtful link before a decision about it counts."""

    TWO = "two"
    FOUR = "four"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What can be chosen at every start."""

    home: Path = Path("var")  # TALLYPORT_HOME: the node's folder
    passphrase: str = ""  # TALLYPORT_PASSPHRASE: opens the key store
    host: str = "127.0.0.1"  # TALLYPORT_HOST: where the portal listens
    port: int = 8000  # TALLYPORT_PORT: and on which port
    metrics: Shown = Shown.LOOPBACK  # TALLYPORT_METRICS: who reads /metrics: loopback, all, nobody
    log: Spoken = Spoken.TEXT  # TALLYPORT_LOG: how the log is written: text, json
    anchors: tuple[str, ...] = ()  # TALLYPORT_ANCHORS: folders, addresses, fabric:FILE
    anchor_seconds: int = 60  # TALLYPORT_ANCHOR_SECONDS: how often checkpoints are written there
    stock_days: int = 90  # TALLYPORT_STOCK_DAYS: stock that stands longer is found
    decisions: Eyes = Eyes.TWO  # TALLYPORT_DECISIONS: eyes on a doubtful link: two, four

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Return the settings that the environment gives.

        Raises:
            SettingsError: a port that is none, or another word than those that are known.
        """
        port = environment.get("TALLYPORT_PORT", "8000")
        if not port.isascii() or not port.isdigit() or not 0 < int(port) < 1 << 16:
            raise SettingsError(f"TALLYPORT_PORT: expected a port from 1 to 65535, got {port!r}")
        return cls(
            home=Path(environment.get("TALLYPORT_HOME", "var")),
            passphrase=environment.get("TALLYPORT_PASSPHRASE", ""),
            host=environment.get("TALLYPORT_HOST", "127.0.0.1"),
            port=int(port),
            metrics=_word(environment, "TALLYPORT_METRICS", Shown.LOOPBACK),
            log=_word(environment, "TALLYPORT_LOG", Spoken.TEXT),
            decisions=_word(environment, "TALLYPORT_DECISIONS", Eyes.TWO),
            anchors=tuple(
                place.strip()
                for place in environment.get("TALLYPORT_ANCHORS", "").split(",")
                if place.strip()
            ),
            anchor_seconds=_whole(environment, "TALLYPORT_ANCHOR_SECONDS", 60, DAY_SECONDS),
            stock_days=_whole(environment, "TALLYPORT_STOCK_DAYS", 90, STOCK_DAYS_MAX),
        )


def _whole(environment: Mapping[str, str], name: str, default: int, most: int) -> int:
    """Return the whole number that the environment chose, from one to `most`."""
    text = environment.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= most:
        unit = name.rpartition("_")[2].lower()
        raise SettingsError(f"{name}: expected 1 to {most} {unit}, got {text[:40]!r}")
    return int(text)


def _word(environment: Mapping[str, str], name: str, default: W) -> W:
    """Return the word that the environment chose."""
    kind, text = type(default), environment.get(name, default.value)
    try:
        return kind(text)
    except ValueError:
        known = ", ".join(one.value for one in kind)
        raise SettingsError(f"{name}: expected one of {known}, got {text[:40]!r}") from None


@unique
class Keys(StrEnum):
    """Where the node's private keys come from."""

    STORE = "store"  # The key store, opened by the passphrase.
    TRIAL = "trial"  # Derived from a published seed: everybody can sign. For trials only.


@unique
class Time(StrEnum):
    """Which clock the node follows."""

    SYSTEM = "system"
    TRIAL = "trial"  # Goes on from the last entry: a simulated year stays where its story ended.


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFile:
    """What was chosen once, in `node.json`."""

    channel: str
    keys: Keys
    time: Time
    seed: int = 0  # Of the trial keys.

    def write(self, home: Home) -> None:
        """Keep it in the home, unless the same is there already.

        Raises:
            SettingsError: something else is there.
        """
        path = home.folder / "node.json"
        if path.exists():
            if NodeFile.read(home) != self:
                raise SettingsError(
                    f"{path}: the folder belongs to another node; choose another home"
                )
            return
        home.folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", "utf-8")

    @classmethod
    def read(cls, home: Home) -> NodeFile:
        """Return what was chosen for the node in `home`.

        Raises:
            SettingsError: there is no node, or its file is damaged.
        """
        path = home.folder / "node.json"
        try:
            fields = json.loads(path.read_text("utf-8"))
            return cls(
                channel=str(fields["channel"]),
                keys=Keys(fields["keys"]),
                time=Time(fields["time"]),
                seed=int(fields["seed"]),
            )
        except FileNotFoundError:
            raise SettingsError(
                f"{home.folder}: no node here; `tallyport init` or `tallyport demo` makes one"
            ) from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError(f"{path}: expected the node's settings, got {error!r}") from error
