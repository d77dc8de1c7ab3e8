"""The node's own witness (本节点见证人): made once, then it watches the logs that it is told of."""

from __future__ import annotations

from pathlib import Path

from tallyport.adapters.ed25519 import Signing
from tallyport.adapters.keystore import KeyStore
from tallyport.adapters.witness import Witness, WitnessError
from tallyport.app.bootstrap import keys, passphrase
from tallyport.app.home import Home
from tallyport.app.settings import Keys, NodeFile, Settings
from tallyport.ledger.note import VerifierKey, is_name

WITNESS_KEY = "witness"  # Name of its key; the text it signs does not name it, so it has its own.


def make_witness(settings: Settings, name: str) -> Witness:
    """Make the node in the settings' home a witness called `name`, and return it.

    Raises:
        WitnessError: it is one already under another name, or the name is none.
    """
    home = Home(settings.home)
    file = NodeFile.read(home)
    folder = home.witness
    if not is_name(name):
        raise WitnessError(f"expected a name such as witness.example/w1, got {name[:80]!r}")
    there = _name(folder)
    if there not in (None, name):
        raise WitnessError(f"{folder}: this node is the witness {there}; a key has one name")
    is_new = not (folder / "logs").exists()  # Who has watched nothing has signed nothing.
    if file.keys is Keys.STORE:
        store = KeyStore(home.keys, passphrase(settings))
        if WITNESS_KEY not in store.names():
            store.create(WITNESS_KEY)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "name").write_text(f"{name}\n", "utf-8")
    return Witness(folder, _signing(settings, file), is_new=is_new)


def open_witness(settings: Settings) -> Witness | None:
    """Return the node's witness, or None when it is none."""
    home = Home(settings.home)
    if _name(home.witness) is None:
        return None
    return Witness(home.witness, _signing(settings, NodeFile.read(home)))


def watch(settings: Settings, key: VerifierKey) -> None:
    """Let the witness watch the log that `key` speaks for; told twice, it is told once.

    Raises:
        WitnessError: the node is no witness.
    """
    folder = Home(settings.home).witness
    if _name(folder) is None:
        raise WitnessError(f"{folder}: no witness here; `tallyport witness init NAME` makes one")
    path = folder / "logs"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    if str(key) not in lines:
        draft = path.with_name("logs.new")
        draft.write_text("\n".join([*lines, str(key)]) + "\n", "utf-8")
        draft.replace(path)


def _name(folder: Path) -> str | None:
    path = folder / "name"
    return path.read_text("utf-8").strip() if path.exists() else None


def _signing(settings: Settings, file: NodeFile) -> Signing:
    signing = keys(settings, file)(WITNESS_KEY)
    if not isinstance(signing, Signing):
        raise WitnessError("expected an Ed25519 key for the witness, got one of another kind")
    return signing
