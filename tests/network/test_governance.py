"""Validators of a real network change by consent, and one that signs twice is removed.

Goal: a node that joined by a snapshot becomes a validator, another leaves, the chain goes on; the
same validator key run twice leads to evidence, an entry, and the end of its vote. Method: CometBFT
itself is asked who votes. The story's clock is moved by hand: the list rests a minute.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.net import Net, entry_of, free_port, require_cometbft, until
from tallyport.adapters.clock import ManualClock
from tallyport.adapters.keystore import trial_key
from tallyport.app.governing import add, listing, remove, validator_key
from tallyport.app.network.layout import add_observer
from tallyport.app.network.running import prepare_joining, up
from tallyport.contracts.members.model import Profile, PublicKey, Role
from tallyport.contracts.members.propose import Admit
from tallyport.contracts.members.validators import Misbehaviour, in_force
from tallyport.kernel.ids import MemberId
from tallyport.kernel.keys import Suite

pytestmark = [pytest.mark.cometbft]
START = datetime(2024, 4, 8, 1, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    """Return the story's time."""
    return ManualClock(START)


@pytest.fixture
def net(tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Net]:
    """Yield four nodes with room for two more."""
    require_cometbft()
    monkeypatch.setenv("TALLYPORT_SNAPSHOT_BLOCKS", "3")
    members = ("operator", "customs", "bank", "logistics")
    made = Net(tmp_path / "net", members, free_port(12), clock)
    try:
        made.up()
        made.found()
        yield made
    finally:
        made.close()


def auditor(net: Net) -> Admit:
    """Return the admission of a fifth member."""
    public = trial_key(net.plan.seed, "auditor").public
    key = PublicKey(suite=Suite.ED25519, public_hex=public.hex())
    profile = Profile(
        id=MemberId("auditor"), name="auditor", roles=(Role.BANK,), keys=(key,), is_voter=False
    )
    return Admit(profile=profile)


def test_validators_come_and_go_by_consent(net: Net, clock: ManualClock) -> None:
    """Admitted, joined, added; another removed and caught signing twice; the chain goes on."""
    keys = {name: validator_key(net.folder, name) for name in net.members}
    assert net.validators() == set(keys.values())
    assert net.agree("P-list", listing(net.folder)).reason is None
    assert net.agree("P-admit", auditor(net)).reason is None
    for number in range(4):
        entry_of(net.pay("bank", number))
    add_observer(net.folder, "auditor")
    prepare_joining(net.folder, "auditor")
    up(net.folder, ["auditor"])
    keys["auditor"] = validator_key(net.folder, "auditor")
    assert net.agree("P-add", add(net.folder, "auditor")).reason is None
    entry = net.agree("P-hasty", remove(net.folder, "logistics"))
    assert entry.reason == "members.validators_must_change_slowly"
    wanted = set(keys.values())
    until(lambda: moved(net) and net.validators() == wanted, "five validators")

    clock.set(START + timedelta(minutes=5))
    assert net.agree("P-remove", remove(net.folder, "logistics")).reason is None
    wanted.discard(keys["logistics"])
    until(lambda: moved(net) and net.validators() == wanted, "logistics votes no longer")
    net.same_heads()

    # The validator key of customs runs in two nodes, of which one has no patience.
    add_observer(net.folder, "twin")
    own, twin = (net.folder / name / "comet" / "config" for name in ("customs", "twin"))
    shutil.copy(own / "priv_validator_key.json", twin / "priv_validator_key.json")
    text = (twin / "config.toml").read_text("utf-8")
    hasty = text.replace('timeout_propose = "2s"', 'timeout_propose = "1ms"')
    assert hasty != text
    (twin / "config.toml").write_text(hasty, "utf-8")
    up(net.folder, ["twin"])
    wanted.discard(keys["customs"])
    until(lambda: moved(net) and net.validators() == wanted, "customs is removed")
    with net.gateway("bank").book() as book:
        assert len(list(book.scan(Misbehaviour))) >= 1
        assert {one.public_hex for one in in_force(book)} == wanted
    entry_of(net.pay("operator", 1_000))
    net.same_heads()


def moved(net: Net) -> bool:
    """Make a block: who votes changes two blocks after it was agreed."""
    net.gateway("bank").submit(b"").result(30)
    return True
