"""Read and check a source profile (读取并检查数据源配置).

Every mistake is found at once, each with its line, what was expected, what came and what to do:

    line 14: sources.stock.fields.cost_cn: expected a field of kind vehicle, came cost_cn;
             write cost_cny
"""

from __future__ import annotations

import codecs
import re
import zoneinfo
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

import polars as pl

from tallyport.evidence.sources import dates, marks
from tallyport.evidence.sources.marks import Marked
from tallyport.evidence.sources.numbers import UNITS
from tallyport.evidence.sources.profile import (
    ENCODINGS,
    Column,
    Form,
    Format,
    Profile,
    Source,
)
from tallyport.evidence.sources.vocabulary import KINDS, Field, Kind, Type
from tallyport.kernel.guard import FaultError

SOURCES_MAX = 200  # A folder of a bank's partner has a few dozen.
NAMES_MAX = 20  # Alternative column names of one field.

_TOP = ("profile", "about", "encodings", "dates", "zone", "sources")
_SOURCE = ("kind", "files", "fields", "dates", "zone", "decimal", "optional")
_FORM = ("file", "format", "encoding", "separator", "header", "sheet", "record")
_COLUMN = ("from", "constant", "values", "unit", "times", "decimal", "dates", "zone", "extract")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing to correct in a profile."""

    line: int
    place: str
    expected: str
    came: str
    remedy: str

    def sentence(self) -> str:
        """Return the mistake as a user reads it."""
        return (
            f"line {self.line}: {self.place}: expected {self.expected}, came {self.came};"
            f" {self.remedy}"
        )


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
    checking = _Checking()
    profile = checking.profile(root)
    if checking.mistakes:
        raise ProfileError(origin, tuple(sorted(checking.mistakes, key=lambda m: m.line)))
    return profile


def _whole(expected: str, came: str) -> Mistake:
    return Mistake(line=1, place="file", expected=expected, came=came, remedy="write it anew")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Habits:
    """What a source says once for all its columns."""

    dates: tuple[str, ...] = dates.SAFE
    zone: str = "UTC"
    decimal: str = "."


@dataclass(slots=True)
class _Checking:
    """Collects mistakes while the parts of a profile are built; a part with one is still built."""

    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(self, at: Marked, place: str, *, expected: str, came: str, remedy: str) -> None:
        self.mistakes.append(
            Mistake(line=at.line, place=place, expected=expected, came=came, remedy=remedy)
        )

    def keys(self, at: Marked, place: str, allowed: tuple[str, ...]) -> None:
        """Note keys that nobody reads: a misspelt one would be a rule that is not applied."""
        if not isinstance(at.value, dict):
            self.wrong(
                at,
                place,
                expected=f"a mapping with {', '.join(allowed)}",
                came=_shown(at),
                remedy="indent its entries below it",
            )
        for name, value in at.entries():
            if name not in allowed:
                near = get_close_matches(name, allowed, 1)
                self.wrong(
                    value,
                    f"{place}.{name}",
                    expected=f"one of {', '.join(allowed)}",
                    came=name,
                    remedy=f"write {near[0]}" if near else "remove it",
                )
        for name, line in at.doubles:
            double = Marked(value=name, line=line)
            self.wrong(
                double,
                f"{place}.{name}",
                expected="each key once",
                came="it a second time",
                remedy="remove one of the two",
            )

    def text(self, at: Marked | None, place: str, default: str = "") -> str:
        if at is None:
            return default
        text = at.text()
        if text is None:
            self.wrong(at, place, expected="a text", came=_shown(at), remedy="write one value")
        return default if text is None else text

    def texts(self, at: Marked | None, place: str) -> tuple[str, ...]:
        """Return one text or a list of texts."""
        if at is None:
            return ()
        items = at.value if isinstance(at.value, list) else [at]
        return tuple(self.text(item, place) for item in items)

    def choice(self, at: Marked | None, place: str, of: tuple[str, ...], default: str) -> str:
        text = self.text(at, place, default)
        if at is not None and text not in of:
            near = get_close_matches(text, of, 1)
            self.wrong(
                at,
                place,
                expected=f"one of {', '.join(of)}",
                came=text or "nothing",
                remedy=f"write {near[0]}" if near else "choose one",
            )
            return default
        return text

    def needed(self, at: Marked, name: str, place: str) -> Marked | None:
        found = dict(at.entries()).get(name)
        if found is None and isinstance(at.value, dict):
            self.wrong(
                at, place, expected=f"an entry `{name}`", came="none", remedy=f"add `{name}:`"
            )
        return found

    # --- the parts -----------------------------------------------------------------------------

    def profile(self, root: Marked) -> Profile:
        self.keys(root, "profile", _TOP)
        parts = dict(root.entries())
        encodings = self.texts(parts.get("encodings"), "encodings") or ENCODINGS
        for name in encodings:
            self.encoding(parts.get("encodings", root), "encodings", name)
        habits = self.habits(parts, "profile", _Habits())
        listed = self.needed(root, "sources", "profile")
        sources = []
        if listed is not None:
            if not isinstance(listed.value, dict) or not 0 < len(listed.value) <= SOURCES_MAX:
                self.wrong(
                    listed,
                    "sources",
                    expected=f"1 to {SOURCES_MAX} named sources",
                    came=_shown(listed),
                    remedy="write `name:` and its entries below",
                )
            for name, at in listed.entries():
                source = self.source(name, at, habits)
                if source is not None:
                    sources.append(source)
        return Profile(
            name=self.text(self.needed(root, "profile", "profile"), "profile"),
            about=" ".join(self.text(parts.get("about"), "about").split()),
            sources=tuple(sources),
            encodings=encodings,
        )

    def habits(self, parts: dict[str, Marked], place: str, above: _Habits) -> _Habits:
        formats = self.texts(parts.get("dates"), f"{place}.dates")
        if formats:
            self.dates(parts["dates"], f"{place}.dates", formats)
        zone = self.text(parts.get("zone"), f"{place}.zone", above.zone)
        if "zone" in parts and not _is_zone(zone):
            self.wrong(
                parts["zone"],
                f"{place}.zone",
                expected="a time zone such as Asia/Tashkent",
                came=zone,
                remedy="write its IANA name, or UTC",
            )
            zone = "UTC"
        decimal = self.choice(parts.get("decimal"), f"{place}.decimal", (".", ","), above.decimal)
        return _Habits(dates=formats or above.dates, zone=zone, decimal=decimal)

    def dates(self, at: Marked, place: str, formats: tuple[str, ...]) -> None:
        for format_ in formats:
            if dates.shape(format_) is None:
                self.wrong(
                    at,
                    place,
                    expected="date formats such as YYYY-MM-DD, D.M.YYYY, excel, iso",
                    came=format_,
                    remedy="name year, month and day once each",
                )
        if len(formats) > dates.FORMATS_MAX:
            self.wrong(
                at,
                place,
                expected=f"at most {dates.FORMATS_MAX} formats",
                came=str(len(formats)),
                remedy="remove some",
            )
        pair = dates.conflict(formats)
        if pair is not None:
            self.wrong(
                at,
                place,
                expected="formats that read a text one way only",
                came=f"{pair[0]} and {pair[1]}",
                remedy="keep the one that this source uses",
            )

    def encoding(self, at: Marked, place: str, name: str) -> None:
        try:
            codecs.lookup(name)
            known = True
        except LookupError:
            known = False
        if not known:
            self.wrong(
                at,
                place,
                expected="an encoding such as utf-8, gb18030, windows-1251",
                came=name,
                remedy="correct its name",
            )

    def source(self, name: str, at: Marked, above: _Habits) -> Source | None:
        place = f"sources.{name}"
        self.keys(at, place, _SOURCE)
        parts = dict(at.entries())
        habits = self.habits(parts, place, above)
        kind_at = self.needed(at, "kind", place)
        kind = KINDS.get(self.choice(kind_at, f"{place}.kind", tuple(KINDS), ""))
        files = self.needed(at, "files", place)
        listed = files.value if files is not None and isinstance(files.value, list) else [files]
        forms = tuple(
            self.form(item, f"{place}.files") for item in listed if isinstance(item, Marked)
        )
        if kind is None:
            return None
        known = {form.format for form in forms} == {Format.CAMT_053}
        fields = parts.get("fields") if known else self.needed(at, "fields", place)
        optional = self.choice(parts.get("optional"), f"{place}.optional", ("true", "false"), "")
        return Source(
            name=name,
            kind=kind,
            forms=forms,
            columns=self.columns(fields, place, kind, habits, known=known),
            optional=optional == "true",
        )

    def form(self, at: Marked, place: str) -> Form:
        if at.text() is not None:
            at = Marked(value={"file": at}, line=at.line)
        self.keys(at, place, _FORM)
        parts = dict(at.entries())
        glob = self.text(self.needed(at, "file", place), f"{place}.file")
        path = PurePosixPath(glob)
        if path.is_absolute() or ".." in path.parts or "\\" in glob:
            self.wrong(
                at,
                f"{place}.file",
                expected="a path below the folder, with /",
                came=glob,
                remedy="write it relative to the folder",
            )
            glob = ""
        named = path.suffix.lstrip(".").lower().replace("tsv", "csv").replace("txt", "csv")
        format_ = self.choice(
            parts.get("format"), f"{place}.format", tuple(Format), named if named else "csv"
        )
        if format_ not in tuple(Format):
            self.wrong(
                at,
                f"{place}.format",
                expected=f"one of {', '.join(Format)}",
                came=format_,
                remedy="add `format:`",
            )
            format_ = "csv"
        encoding = self.text(parts.get("encoding"), f"{place}.encoding", "utf-8")
        self.encoding(parts.get("encoding", at), f"{place}.encoding", encoding)
        separator = self.text(parts.get("separator"), f"{place}.separator", ",")
        separator = {"tab": "\t", "\\t": "\t"}.get(separator, separator)
        if len(separator) != 1 or separator in '"\r\n':
            self.wrong(
                at,
                f"{place}.separator",
                expected="one character, or tab",
                came=separator,
                remedy="write it in quotes",
            )
            separator = ","
        header = self.text(parts.get("header"), f"{place}.header", "1")
        if not re.fullmatch(r"[1-9]\d{0,3}", header):
            self.wrong(
                at,
                f"{place}.header",
                expected="the number of a line, from 1",
                came=header,
                remedy="count the lines above the names of the columns",
            )
            header = "1"
        record = self.text(parts.get("record"), f"{place}.record")
        if format_ == Format.XML and not record:
            self.wrong(
                at,
                place,
                expected="`record:`, the path of a record's element",
                came="none",
                remedy="write it without the document element: Declaration/Goods",
            )
        return Form(
            glob=glob,
            format=Format(format_),
            encoding=encoding,
            separator=separator,
            header=int(header),
            sheet=self.text(parts.get("sheet"), f"{place}.sheet"),
            record=record.strip("/"),
        )

    def columns(
        self, at: Marked | None, place: str, kind: Kind, habits: _Habits, *, known: bool
    ) -> tuple[Column, ...]:
        mapped: dict[str, Column] = {}
        if known:  # The reader of this format names its columns as the fields.
            for each in kind.fields:
                mapped[each.name] = Column(
                    field=each, names=(each.name,), dates=habits.dates, zone=habits.zone
                )
        if at is not None:
            self.keys(at, f"{place}.fields", tuple(each.name for each in kind.fields))
            for name, value in at.entries():
                each = kind.field(name)
                if each is not None:
                    mapped[name] = self.column(value, f"{place}.fields.{name}", each, habits)
        for each in kind.fields:
            if each.required and each.name not in mapped and at is not None:
                self.wrong(
                    at,
                    f"{place}.fields",
                    expected=f"the required field {each.name}",
                    came="none",
                    remedy=f"add `{each.name}:` with the name of its column",
                )
        return tuple(mapped.values())

    def column(self, at: Marked, place: str, of: Field, habits: _Habits) -> Column:
        if not isinstance(at.value, dict):
            at = Marked(value={"from": at}, line=at.line)
        self.keys(at, place, _COLUMN)
        parts = dict(at.entries())
        names = self.texts(parts.get("from"), f"{place}.from")
        if not 0 < len(names) <= NAMES_MAX and "constant" not in parts:
            self.wrong(
                at,
                place,
                expected="`from:` with a column, or `constant:`",
                came="neither",
                remedy="name the column",
            )
        own = self.habits(parts, place, habits)
        values = {
            key: self.text(value, f"{place}.values")
            for key, value in (parts["values"].entries() if "values" in parts else ())
        }
        constant = parts.get("constant")
        return Column(
            field=of,
            names=names,
            constant=None if constant is None else self.text(constant, f"{place}.constant"),
            values=values,
            times=self.times(at, parts, place, of),
            decimal=own.decimal,
            dates=own.dates,
            zone=own.zone,
            extract=self.pattern(parts.get("extract"), f"{place}.extract"),
        )

    def times(self, at: Marked, parts: dict[str, Marked], place: str, of: Field) -> Decimal:
        """Return the factor that turns the source's unit into the field's."""
        if ("unit" in parts or "times" in parts) and of.type not in (Type.DECIMAL, Type.INTEGER):
            self.wrong(
                at,
                place,
                expected="a unit on a number only",
                came=f"one on a {of.type.value}",
                remedy="remove it",
            )
        unit = self.choice(parts.get("unit"), f"{place}.unit", tuple(UNITS), "元")
        factor = self.text(parts.get("times"), f"{place}.times", "1")
        try:
            times = Decimal(factor)
        except InvalidOperation:
            times = Decimal(0)
        if not times.is_finite() or times == 0 or abs(times.adjusted()) > 9:  # noqa: PLR2004
            self.wrong(
                at,
                f"{place}.times",
                expected="a number such as 10000 or 0.01",
                came=factor,
                remedy="write how many of the field's units one of the source's is",
            )
            times = Decimal(1)
        return times * UNITS[unit]

    def pattern(self, at: Marked | None, place: str) -> str:
        text = self.text(at, place)
        if at is None:
            return ""
        try:
            pl.Series([""]).str.extract(text, 1)
            usable = "(" in text
        except pl.exceptions.ComputeError:
            usable = False
        if not usable:
            self.wrong(
                at,
                place,
                expected="a regular expression with one group",
                came=text,
                remedy="put the part that is the value in parentheses",
            )
            return ""
        return text


def _is_zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _shown(at: Marked) -> str:
    match at.value:
        case dict():
            return f"a mapping of {len(at.value)}"
        case list():
            return f"a list of {len(at.value)}"
        case _:
            return at.value or "nothing"
