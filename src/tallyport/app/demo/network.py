"""The demo on a network (联盟演示): four institutions on this machine record the same story.

The network is a trial: its entries have the story's time and the keys come from the demo's seed, so
the ledger has the very bytes, and the head, of one that the embedded engine wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from tallyport.app.demo.run import CHANNEL
from tallyport.app.network.layout import Wanted, lay_out
from tallyport.app.network.plan import NetworkError, Plan
from tallyport.app.network.running import down, up
from tallyport.app.settings import Keys, Settings, Time

MEMBERS = ("operator", "customs", "bank", "logistics", "warehouse", "insurer", "auditor")


@contextmanager
def on_network(settings: Settings, members: int, seed: int) -> Iterator[Settings]:
    """Yield the settings of the first member while its network runs; end it afterwards.

    Raises:
        NetworkError: CometBFT is not installed, or the folder has another network.
    """
    if not 1 <= members <= len(MEMBERS):
        raise NetworkError(f"NETWORK: expected 1 to {len(MEMBERS)} members, got {members}")
    folder, names = settings.home / "network", MEMBERS[:members]
    if (folder / "network.json").exists():
        found = tuple(peer.name for peer in Plan.read(folder).peers)
        if found != names:
            raise NetworkError(f"{folder}: expected {names}, found {found}; choose another home")
    else:
        lay_out(
            folder,
            Wanted(members=names, channel=CHANNEL, keys=Keys.TRIAL, time=Time.TRIAL, seed=seed),
        )
    try:
        up(folder)
        yield replace(settings, home=folder / names[0])
    finally:
        down(folder)
