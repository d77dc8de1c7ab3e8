"""Find the profile for a folder (选择配置): its own `profile.yaml`, or one that comes with us.

A built-in profile fits when the folder has files for at least half of the sources that it needs;
the one with the largest share is taken. When none fits, the answer lists what each one missed.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from tallyport.evidence.sources import loading
from tallyport.evidence.sources.profile import Profile
from tallyport.evidence.sources.reading import located
from tallyport.kernel.guard import FaultError

OWN = "profile.yaml"
SHARE_MIN_PCT = 50  # Fewer: the folder is something else that has a file of the same name.


def builtin() -> dict[str, Profile]:
    """Return the profiles of the package by name."""
    folder = files("tallyport.evidence") / "profiles"
    texts = {item.name: item.read_text("utf-8") for item in folder.iterdir()}
    profiles = (
        loading.parse(text, origin=name)
        for name, text in sorted(texts.items())
        if name.endswith(".yaml")
    )
    return {profile.name: profile for profile in profiles}


def find_profile(folder: Path) -> Profile:
    """Return the profile for `folder`.

    Raises:
        ProfileError: Its own profile has mistakes.
        FaultError: It has none and no built-in one fits.
    """
    own = folder / OWN
    if own.is_file():
        return loading.load(own)
    missed: list[str] = []
    fitting: list[tuple[int, str, Profile]] = []
    for name, profile in builtin().items():
        needed = [source for source in profile.sources if not source.optional]
        absent = [source for source in needed if not located(folder, source)[0]]
        share_pct = 100 * (len(needed) - len(absent)) // max(1, len(needed))
        if share_pct >= SHARE_MIN_PCT:
            fitting.append((-share_pct, name, profile))
        globs = ", ".join(source.forms[0].glob for source in absent)
        missed.append(f"  {name}: {len(needed) - len(absent)} of {len(needed)}; missing {globs}")
    if fitting:
        return min(fitting, key=lambda fit: fit[:2])[2]
    listed = "\n".join(missed)
    message = (
        f"没有适用的配置 / expected {OWN} in {folder} or the files of a built-in profile:\n"
        f"{listed}\n"
        "Write a profile, beginning with `tallyport profile FILE`, and save it there."
    )
    raise FaultError(message)
