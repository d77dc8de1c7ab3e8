"""Read and check a source profile (读取并检查数据源配置).

Every mistake is found at once, each with its line, what was expected, what came and what to do:

    line 14: sources.stock.fields.cost_cn: expected one of vin, plate, ..., came cost_cn;
             write cost_cny
"""

from __future__ import annotations

import re
from pathlib import Path

from tallyport.evidence.sources import forms, mapping, marks
from tallyport.evidence.sources.checking import Checking, Mistake, shown
from tallyport.evidence.sources.mapping import Habits
from tallyport.evidence.sources.marks import Marked
from tallyport.evidence.sources.profile import ENCODINGS, Format, Profile, Source
from tallyport.evidence.sources.vocabulary import KINDS
from tallyport.kernel.guard import FaultError

SOURCES_MAX = 200  # A folder of a bank's partner has a few dozen.

_TOP = ("profile", "about", "encodings", "dates", "zone", "decimal", "sources")
_SOURCE = ("kind", "files", "fields", "dates", "zone", "decimal", "optional")


class ProfileError(FaultError):
    """The profile has mistakes; `mistakes` holds all of them."""

    def __init__(self, origin: str, mistakes: tuple[Mistake, ...]) -> None:
        sentences = "\n".join(f"  {mistake.sentence()}" for mistake in mistakes)
        super().__init__(f"配置有误 / {origin} is not a usable profile:\n{sentences}")
        self.mistakes = mistakes


def load(path: Path) -> Profile:
    """Return the profile in the file `path`.

    Raises:
        ProfileError: The file cannot be read or has mistakes.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(str(path), (_whole("a readable UTF-8 file", str(error)),)) from None
    return parse(text, origin=str(path))


def parse(text: str, *, origin: str = "the profile") -> Profile:
    """Return the profile in `text`.

    Raises:
        ProfileError: It has mistakes.
    """
    try:
        root = marks.parse(text)
    except marks.MarkError as error:
        raise ProfileError(origin, (_whole("plain YAML", str(error)),)) from None
    check = Checking()
    profile = _profile(check, root)
    if check.mistakes:
        raise ProfileError(origin, tuple(sorted(check.mistakes, key=lambda m: m.line)))
    return profile


def _whole(expected: str, came: str) -> Mistake:
    return Mistake(line=1, place="file", expected=expected, came=came, remedy="write it anew")


def _profile(check: Checking, root: Marked) -> Profile:
    parts = check.keys(root, "profile", _TOP)
    encodings = check.texts(parts.get("encodings"), "encodings") or ENCODINGS
    for name in encodings:
        forms.encoding(check, parts.get("encodings", root), "encodings", name)
    habits = mapping.habits(check, parts, "profile", Habits())
    listed = check.needed(root, "profile", "sources")
    sources: list[Source] = []
    if listed is not None:
        if not isinstance(listed.value, dict) or not 0 < len(listed.value) <= SOURCES_MAX:
            check.wrong(
                listed,
                "sources",
                expected=f"1 to {SOURCES_MAX} named sources",
                came=shown(listed),
                remedy="write `name:` and its entries below",
            )
        check.doubles(listed, "sources")
        for name, at in listed.entries():
            if not re.fullmatch(r"\w[\w.-]{0,59}", name):
                check.wrong(
                    at,
                    f"sources.{name}",
                    expected="a name of up to 60 letters, digits, _, . and -",
                    came=name or "nothing",
                    remedy="rename the source: files are called after it",
                )
            source = _source(check, name, at, habits)
            if source is not None:
                sources.append(source)
    return Profile(
        name=check.text(check.needed(root, "profile", "profile"), "profile"),
        about=" ".join(check.text(parts.get("about"), "about").split()),
        sources=tuple(sources),
        encodings=encodings,
    )


def _source(check: Checking, name: str, at: Marked, above: Habits) -> Source | None:
    place = f"sources.{name}"
    parts = check.keys(at, place, _SOURCE)
    habits = mapping.habits(check, parts, place, above)
    kind_name = check.choice(
        check.needed(at, place, "kind"), f"{place}.kind", tuple(KINDS), default=""
    )
    files = check.needed(at, place, "files")
    listed = [] if files is None else files.value if isinstance(files.value, list) else [files]
    read = tuple(forms.form(check, each, f"{place}.files") for each in listed)
    if files is not None and not read:
        check.wrong(
            files, f"{place}.files", expected="a file", came="none", remedy="write its path"
        )
    optional = check.choice(parts.get("optional"), f"{place}.optional", ("true", "false"), "false")
    kind = KINDS.get(kind_name)
    if kind is None:
        return None
    is_known = any(form.format is Format.CAMT_053 for form in read)
    if is_known and kind.name not in ("bank_entry", "bank_statement"):
        check.wrong(
            at,
            f"{place}.kind",
            expected="bank_entry or bank_statement for camt.053",
            came=kind.name,
            remedy="correct the kind or the format",
        )
    fields = parts.get("fields") if is_known else check.needed(at, place, "fields")
    return Source(
        name=name,
        kind=kind,
        forms=read,
        columns=mapping.columns(check, fields, place, kind, habits, is_known=is_known),
        optional=optional == "true",
    )
