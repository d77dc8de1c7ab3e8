"""A chaincode of Fabric as an anchor (Fabric 锚点). A file says which one.

    {"address": "peer0.customs.example:7051",     a peer of the member that writes
     "tls_root": "tls-ca.pem",                    the CA of its certificate; without: no TLS
     "tls_name": "peer0.customs.example",         if its certificate bears another name
     "member": "CustomsMSP",                      MSP id
     "certificate": "writer.pem",                 of the writer, and its key
     "key": "writer-key.pem",
     "channel": "anchors",
     "chaincode": "checkpoints",
     "log": "tallyport/main"}                     the origin that our checkpoints state

Paths are relative to the file. Needs the extra `fabric`: `pip install tallyport[fabric]`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Protocol

from tallyport.adapters.anchors.fabric.checkpoints import Refusal
from tallyport.adapters.anchors.port import AnchorError

SCHEME = "fabric:"
_NEEDED = ("address", "member", "certificate", "key", "channel", "chaincode", "log")
_OPTIONAL = ("tls_root", "tls_name")


class Chaincode(Protocol):
    """As much of a chaincode as an anchor needs: `gateway.Gateway` is one."""

    def evaluate(self, *words: str) -> bytes:
        """Return what the chaincode answers."""
        ...

    def submit(self, *words: str) -> None:
        """Let the chaincode do it."""
        ...


class FabricAnchor:
    """Checkpoints in the state of a channel."""

    def __init__(self, name: str, log: str, chaincode: Chaincode) -> None:
        self.name, self._log, self._chaincode = name, log, chaincode

    @classmethod
    def read(cls, path: Path) -> FabricAnchor:
        """Return the anchor that a file describes.

        Raises:
            AnchorError: the file or one that it names cannot be read, or the extra is missing.
        """
        name, told = f"{SCHEME}{path}", _read(path)
        try:
            from tallyport.adapters.anchors.fabric import gateway  # noqa: PLC0415 - May be missing.
        except ImportError as error:
            raise AnchorError(
                f"{name}: needs the package {error.name}: pip install 'tallyport[fabric]'"
            ) from error
        return cls(name, told["log"], gateway.of(told, path.parent))

    def put(self, size: int, note: str) -> None:
        """Keep a checkpoint; see `port.Anchor`."""
        try:
            self._chaincode.submit("put", note)
        except AnchorError as error:
            if Refusal.ANOTHER_CHECKPOINT in str(error):
                raise AnchorError(
                    f"{self.name}: another checkpoint over {size} entries is kept there already"
                ) from error
            raise AnchorError(f"{self.name}: does not keep a checkpoint: {error}") from error

    def get(self, size: int) -> str | None:
        """Return what is kept for `size`."""
        return self._ask("get", self._log, str(size))

    def latest(self) -> str | None:
        """Return what is kept for the largest size."""
        return self._ask("latest", self._log)

    def _ask(self, *words: str) -> str | None:
        try:
            return self._chaincode.evaluate(*words).decode() or None
        except AnchorError as error:
            raise AnchorError(f"{self.name}: {error}") from error
        except UnicodeDecodeError as error:
            raise AnchorError(f"{self.name}: cannot read: {error}") from error


def _read(path: Path) -> dict[str, str]:
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise AnchorError(f"{path}: cannot read: {error.strerror}") from error
    except ValueError as error:
        raise AnchorError(f"{path}: expected JSON: {error}") from error
    if not isinstance(value, dict):
        raise AnchorError(f"{path}: expected an object")
    strange = sorted(set(value) - {*_NEEDED, *_OPTIONAL})
    missing = [name for name in _NEEDED if name not in value]
    if strange or missing or not all(isinstance(one, str) and one for one in value.values()):
        raise AnchorError(
            f"{path}: expected texts for {', '.join(_NEEDED)} and perhaps {', '.join(_OPTIONAL)}"
            f"; missing {missing}, not known {strange}"
        )
    return value
