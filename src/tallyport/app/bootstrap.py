"""Put a node together (装配): the only place that knows all parts.

The engine, the clock and the source of keys are chosen here, once, by `node.json`; nothing else in
the house can tell which they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from tallyport.adapters.clock import Clock, GoingOnClock, SystemClock
from tallyport.adapters.documents import Documents, fresh_key, trial_keys
from tallyport.adapters.embedded.engine import Engine
from tallyport.adapters.embedded.store import Database
from tallyport.adapters.engine import LedgerEngine
from tallyport.adapters.keyring import Keyring
from tallyport.adapters.keystore import KeyStore, trial_key
from tallyport.adapters.suites import Signing, for_log
from tallyport.app.home import Home
from tallyport.app.network import gateway
from tallyport.app.network.layout import log_key_name
from tallyport.app.node import Node
from tallyport.app.reactors.table import reactors
from tallyport.app.settings import Keys, NodeFile, Settings, SettingsError, Time
from tallyport.contracts import table
from tallyport.contracts.members.authority import signer
from tallyport.projections.projection import Views
from tallyport.projections.table import VIEWS

LOG_KEY = "log"  # Name of the key that signs checkpoints; members' keys have their own names.


def passphrase(settings: Settings) -> str:
    """Return what opens the key store: what was chosen, else what the home keeps.

    Raises:
        SettingsError: nobody chose one, and none was made.
    """
    if settings.passphrase:
        return settings.passphrase
    try:
        return Home(settings.home).passphrase.read_text("ascii").strip()
    except OSError:
        raise SettingsError(
            "TALLYPORT_PASSPHRASE: expected the passphrase of the key store; the node's keys"
            " are locked with it"
        ) from None


def keys(settings: Settings, file: NodeFile) -> Callable[[str], Signing]:
    """Return where the node's private keys come from, by name."""
    if file.keys is Keys.TRIAL:
        return cache(lambda name: trial_key(file.seed, name))
    folder = Home(settings.home).keys
    return cache(Keyring(folder, KeyStore(folder, passphrase(settings))).get)


def build(settings: Settings, file: NodeFile, clock: Clock) -> Node:
    """Return the node in the settings' home, caught up with its ledger."""
    home, key_of = Home(settings.home), keys(settings, file)
    log_key = for_log(key_of(log_key_name(home.folder.name) if is_member(home) else LOG_KEY))
    engine: LedgerEngine
    if is_member(home):
        engine = gateway.engine(home.folder, clock)
    else:
        engine = Engine(home.ledger, file.channel, table.ALL, signer, clock=clock, log_key=log_key)
    is_trial = file.keys is Keys.TRIAL
    documents = Documents(
        home.documents,
        log_key.seed,
        new_key=trial_keys(file.seed) if is_trial else fresh_key,
    )
    return Node(
        engine,
        Views(home.views, VIEWS),
        clock,
        documents=documents,
        key_of=key_of,
        reactors=reactors(),
    )


def is_member(home: Home) -> bool:
    """Return whether a home is a member's folder in that of a network."""
    return (home.folder.parent / "network.json").exists()


@contextmanager
def open_node(settings: Settings | None = None, clock: Clock | None = None) -> Iterator[Node]:
    """Yield the node that the environment names; close it when the block ends."""
    settings = settings or Settings.read()
    home = Home(settings.home)
    file = NodeFile.read(home)
    node = build(settings, file, clock or _clock(home, file))
    try:
        yield node
    finally:
        node.close()


def _clock(home: Home, file: NodeFile) -> Clock:
    """Return the clock that the node follows; a trial's time goes on from its last entry."""
    if file.time is Time.SYSTEM:
        return SystemClock()
    database = Database(home.ledger, is_writer=not is_member(home))
    try:
        with database.reading() as transaction:
            last = database.last(transaction)
    finally:
        database.close()
    return SystemClock() if last is None else GoingOnClock(last.at)
