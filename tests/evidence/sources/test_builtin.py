"""The profiles of the package are sound, and the right one is found for a folder.

Goal: a user with files of a known kind writes no profile. Method: folders with some of the files
of a profile, with a profile of their own, and with nothing known.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tallyport.evidence.sources import builtin
from tallyport.evidence.sources.loading import ProfileError
from tallyport.evidence.sources.profile import Profile
from tallyport.kernel.guard import FaultError

NAMES = ["freight", "orders", "receivables", "used_car_export"]


def files(profile: Profile, count: int) -> list[str]:
    """Return names of files for the first `count` sources that the profile needs."""
    needed = [source for source in profile.sources if not source.optional]
    return [source.forms[-1].glob.replace("*", "x") for source in needed[:count]]


def fill(folder: Path, names: list[str]) -> None:
    """Put empty files into the folder."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_is_found_by_its_files(tmp_path: Path, name: str) -> None:
    """Also when some of them are missing."""
    profile = builtin.builtin()[name]
    needed = sum(not source.optional for source in profile.sources)
    fill(tmp_path, files(profile, (needed + 1) // 2))
    assert builtin.find_profile(tmp_path) == profile


def test_the_package_has_these_profiles() -> None:
    """Each says what it is for."""
    profiles = builtin.builtin()
    assert sorted(profiles) == NAMES
    assert all(profile.about for profile in profiles.values())


def test_the_folder_s_own_profile_comes_first(tmp_path: Path) -> None:
    """Also when it has a mistake: another one in its place would read other columns."""
    fill(tmp_path, files(builtin.builtin()["orders"], 9))
    own = tmp_path / builtin.OWN
    own.write_text("profile: own\nsources: {s: {kind: order, files: a.csv, fields: {order_no: a}}}")
    assert builtin.find_profile(tmp_path).name == "own"
    own.write_text("profile: own")
    with pytest.raises(ProfileError):
        builtin.find_profile(tmp_path)


def test_an_unknown_folder_is_told_what_each_profile_missed(tmp_path: Path) -> None:
    """So that a user sees which file is called by another name."""
    fill(tmp_path, ["reference/sellers.csv", "07_overseas_warehouse/receipts.csv"])
    with pytest.raises(FaultError) as refused:
        builtin.find_profile(tmp_path)
    text = str(refused.value)
    assert all(f"  {name}: " in text for name in NAMES)
    assert "used_car_export: 1 of 19; missing 01_contracts/contracts.xlsx" in text
    assert "tallyport profile FILE" in text
