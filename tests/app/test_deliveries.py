"""Deliveries are kept as they came and told apart by day and content.

Goal: sending twice changes nothing; a copy that was cut short does not count; order is of days.
Method: small folders; the counts after a matching with nothing changed.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from support import small_trade
from tallyport.app.deliveries import Touched, keep, kept, remember, remembered
from tallyport.app.home import Home
from tallyport.app.matching import match_home, read_home
from tallyport.evidence.linkage import match
from tallyport.kernel.guard import FaultError

DAY = date(2024, 5, 1)
LATER = date(2024, 5, 2)


def _folder(path: Path, text: str) -> Path:
    path.mkdir(parents=True)
    (path / "stock.csv").write_text(text, "utf-8")
    return path


def _silent(_what: str, _done: int, _of: int) -> None:
    """Say nothing."""


def test_deliveries_stand_in_the_order_of_their_days(tmp_path: Path) -> None:
    """The later day arrives first and stands last; the same again is the same."""
    home = Home(tmp_path / "home")
    late = keep(home, _folder(tmp_path / "b", "b"), LATER)
    early = keep(home, _folder(tmp_path / "a", "a"), DAY)
    assert keep(home, tmp_path / "a", DAY) == early
    (home.evidence / "deliveries" / ".partial-1").mkdir()
    assert kept(home) == [early, late]
    assert (early / "stock.csv").read_text("utf-8") == "a"


def test_no_link_leads_out(tmp_path: Path) -> None:
    """A symbolic link to a file elsewhere is not copied."""
    secret = tmp_path / "secret.csv"
    secret.write_text("secret", "utf-8")
    folder = _folder(tmp_path / "a", "a")
    (folder / "other.csv").symlink_to(secret)
    found = keep(Home(tmp_path / "home"), folder, DAY)
    assert [path.name for path in found.iterdir()] == ["stock.csv"]


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    """No folder; no delivery yet; a delivery that no profile fits."""
    home = Home(tmp_path / "home")
    with pytest.raises(FaultError, match="expected a folder of exports"):
        keep(home, tmp_path / "none", DAY)
    with pytest.raises(FaultError, match="expected a delivery"):
        read_home(home, profile=None, day=DAY, progress=_silent)
    keep(home, _folder(tmp_path / "a", "a"), DAY)
    with pytest.raises(FaultError):
        match_home(home, profile=None, day=DAY, progress=_silent)


def test_what_did_not_change_is_counted(tmp_path: Path) -> None:
    """All links are new the first time, none the second; one goes when its record goes."""
    home = Home(tmp_path)
    tables = small_trade.tables()
    memory = remembered(home)
    matching = match(tables, as_of=small_trade.AS_OF, memory=memory)
    first = remember(home, memory, matching)
    assert first.links == first.changed > 0
    assert first.computed == first.clusters
    memory = remembered(home)
    matching = match(tables, as_of=small_trade.AS_OF, memory=memory)
    again = remember(home, memory, matching)
    assert again == Touched(clusters=first.clusters, computed=0, links=first.links, changed=0)
    assert "0 computed anew" in again.sentence()
    fewer = tables | {"bank_entry": tables["bank_entry"].clear()}
    memory = remembered(home)
    assert remember(home, memory, match(fewer, as_of=small_trade.AS_OF, memory=memory)).changed
