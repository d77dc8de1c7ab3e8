"""Forms: how a declared dataclass becomes canonical JSON and comes back, checked.

A form is compiled once from the annotations of a frozen dataclass, field by field. Its bytes are
fixed by golden vectors (tests/golden): whoever adds, renames or retypes a field breaks a test and
must raise the version of the contract. Spellings:

    str                     text of at most TEXT_MAX characters
    NewType of str          an id, see `kernel.ids`
    int, bool               themselves
    date, datetime          "2024-04-04", "2024-04-04T01:02:03.000004Z" (UTC, always six places),
                            of the years YEAR_MIN to YEAR_MAX
    StrEnum                 its value
    Money                   {"currency":"CNY","minor":600}
    X | None                null or X
    tuple[X, ...]           an array of at most ITEMS_MAX
    dataclass               an object with all its fields
    A | B of dataclasses    an object whose "form" names which

A value is spelled straight into text, without the dictionaries between: an object is a mould with
its names in order, filled with its fields and those of the objects in it, all read in one go.

FORM-1  known    whoever writes uses a declared type; nothing else is ever encoded
FORM-2  UTC      moments in rows and events are in UTC: before and after decoding they are the same
                 in every respect, also in what day they say it is
FORM-3  plain    a form checks nothing when it is made: its codec has done so
"""

from __future__ import annotations

import dataclasses
import json
import re
import types
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, NamedTuple

from tallyport.kernel.canonical import INTEGER_MAX, MalformedError
from tallyport.kernel.guard import InvariantError, invariant
from tallyport.kernel.ids import ID_LENGTH_MAX, ID_PATTERN
from tallyport.kernel.money import MINOR_MAX, Money
from tallyport.kernel.record import is_plain, made, reader

TEXT_MAX = 2_000  # A note fits; a document does not: those stay off the ledger.
ITEMS_MAX = 1_000  # Keeps one command small enough to be judged in a moment.
YEAR_MIN = 1900  # No trade of ours is older.
YEAR_MAX = 2999  # A day or a year more is still a date that every machine can spell.

_ID = re.compile(ID_PATTERN)
_CURRENCY = re.compile(r"[A-Z]{3}")

Spell = Callable[[Any], str]
Decode = Callable[[Any], Any]
_quoted: Spell = json.encoder.encode_basestring  # Shortest escapes, as RFC 8785 wants them.


class Fill(NamedTuple):
    """One gap in the mould of an object."""

    path: str  # Where the value is, from the object: `face.minor`.
    spell: Spell | None  # None: the mould spells it.


class Mould(NamedTuple):
    """A format of `%` that spells a value, and what goes into its gaps."""

    text: str
    fills: tuple[Fill, ...] = (Fill("", None),)

    def at(self, name: str) -> tuple[Fill, ...]:
        """Return the gaps, when the value is the field `name` of something."""
        return tuple(one._replace(path=f"{name}.{one.path}".rstrip(".")) for one in self.fills)


class Codec(NamedTuple):
    """A pair of functions between a value and its canonical JSON."""

    spell: Spell  # The canonical text.
    decode: Decode  # From JSON as `kernel.canonical` reads it. Raises MalformedError.
    mould: Mould | None = None  # Spells the value without a call of its own, if there is one.

    def encode(self, value: Any) -> Any:
        """Return the JSON of `value`: dictionaries, lists, texts, integers."""
        return json.loads(self.spell(value))


def _expected(what: str, came: object) -> MalformedError:
    return MalformedError(f"expected {what}, got {str(came)[:80]!r}")


def _decode_text(value: object) -> str:
    if not isinstance(value, str) or len(value) > TEXT_MAX:
        raise _expected(f"text of at most {TEXT_MAX} characters", value)
    return value


def _decode_id(value: object) -> str:
    if type(value) is not str or len(value) > ID_LENGTH_MAX or not _ID.fullmatch(value):
        raise _expected("an id (letters, digits, . _ : / @ # + -, at most 128)", value)
    return value


def _decode_integer(value: object) -> int:
    if type(value) is not int or abs(value) > INTEGER_MAX:
        raise _expected("an integer", value)
    return value


def _decode_flag(value: object) -> bool:
    if type(value) is not bool:
        raise _expected("true or false", value)
    return value


def _decode_date(value: object) -> date:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        day = None
    if day is None or day.isoformat() != value or not YEAR_MIN <= day.year <= YEAR_MAX:
        raise _expected("a day like 2024-04-04", value)
    return day


@lru_cache(maxsize=1024)
def encode_moment(value: datetime) -> str:
    """Return the moment as fixed-width text, so that text order is time order."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def decode_moment(value: object) -> datetime:
    """Return the moment that `value` spells.

    Raises:
        MalformedError: not text in the one spelling.
    """
    if not isinstance(value, str):
        raise _expected("a moment like 2024-04-04T01:02:03.000000Z", value)
    return _moment(value)


@lru_cache(maxsize=1024)
def _moment(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not UTC or encode_moment(moment) != value:
        raise _expected("a moment like 2024-04-04T01:02:03.000000Z", value)
    if not YEAR_MIN <= moment.year <= YEAR_MAX:
        raise _expected(f"a moment of the years {YEAR_MIN} to {YEAR_MAX}", value)
    return moment


def _spell_moment(value: datetime) -> str:
    invariant(value.tzinfo is UTC, "FORM-2")
    return f'"{encode_moment(value)}"'


def _decode_money(value: object) -> Money:
    if not isinstance(value, dict) or value.keys() != {"currency", "minor"}:
        raise _expected('an amount like {"currency":"CNY","minor":600}', value)
    minor, currency = value["minor"], value["currency"]
    if type(minor) is not int or abs(minor) > MINOR_MAX:
        raise _expected(f"whole minor units within +-{MINOR_MAX}", minor)
    if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        raise _expected("a currency code of three capital letters (ISO 4217)", currency)
    return Money(minor, currency)


_PLAIN: dict[Any, Codec] = {
    str: Codec(_quoted, _decode_text),
    int: Codec(str, _decode_integer, Mould("%d")),
    bool: Codec(lambda flag: "true" if flag else "false", _decode_flag),
    date: Codec(lambda day: f'"{day}"', _decode_date, Mould('"%s"')),
    datetime: Codec(_spell_moment, decode_moment),
    Money: Codec(
        lambda m: f'{{"currency":"{m.currency}","minor":{m.minor}}}',
        _decode_money,
        Mould('{"currency":"%s","minor":%d}', (Fill("currency", None), Fill("minor", None))),
    ),
}


@cache
def codec(annotation: Any) -> Codec:  # audit: recursion: as deep as declared types are nested
    """Return the codec of a declared type; compiled once."""
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if isinstance(annotation, typing.NewType):
        return Codec(_quoted, _decode_id)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (types.UnionType, typing.Union):
        kinds = tuple(kind for kind in arguments if kind is not types.NoneType)
        inner = codec(kinds[0]) if len(kinds) == 1 else _tagged(kinds)
        return _optional(inner) if types.NoneType in arguments else inner
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:  # noqa: PLR2004
        return _array(codec(arguments[0]))
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return _choice(annotation)
    invariant(dataclasses.is_dataclass(annotation), "FORM-1")
    return _object(annotation)


def _optional(inner: Codec) -> Codec:
    spell, decode, _ = inner
    return Codec(
        lambda value: "null" if value is None else spell(value),
        lambda value: None if value is None else decode(value),
    )


def _array(item: Codec) -> Codec:
    spell_item, decode_item, _ = item

    def spell(values: Any) -> str:
        return f"[{','.join([spell_item(value) for value in values])}]"

    def decode(values: object) -> tuple[Any, ...]:
        if not isinstance(values, list) or len(values) > ITEMS_MAX:
            raise _expected(f"an array of at most {ITEMS_MAX}", values)
        return tuple([decode_item(value) for value in values])

    return Codec(spell, decode)


def _choice(kind: type[StrEnum]) -> Codec:
    members = {one.value: one for one in kind}

    def decode(value: object) -> StrEnum:
        found = members.get(value) if isinstance(value, str) else None
        if found is None:
            raise _expected(f"one of {list(members)}", value)
        return found

    return Codec(lambda value: f'"{value}"', decode, Mould('"%s"'))


def _object(kind: type) -> Codec:  # audit: recursion: as deep as declared types are nested
    parts = _parts(kind)
    mould = _mould(parts)
    return Codec(_spell_object(mould), _decode_object(kind, parts), mould)


# audit: recursion: as deep as declared types are nested
def _parts(kind: type) -> dict[str, Codec]:
    """Return the codecs of a form's fields, in order of their names."""
    hints = typing.get_type_hints(kind)
    return {name: codec(hints[name]) for name in sorted(f.name for f in dataclasses.fields(kind))}


def _decode_object(kind: type, parts: Mapping[str, Codec], tag: str | None = None) -> Decode:
    """Return the reader of an object; its caller has looked at the `tag` in its member "form"."""
    # audit: mapping: a set of names, compared and never walked
    expected = parts.keys() if tag is None else {*parts, "form"}
    decoders = [(field.name, parts[field.name].decode) for field in dataclasses.fields(kind)]
    invariant(is_plain(kind), "FORM-3")

    def decode(value: object) -> Any:
        if not isinstance(value, dict) or value.keys() != expected:
            came = sorted({*value} - {tag and "form"}) if isinstance(value, dict) else value
            raise _expected(f"{kind.__name__} with exactly {sorted(parts)}", came)
        fields, name = [], ""
        try:
            for name, decode_part in decoders:
                fields.append(decode_part(value[name]))
        except MalformedError as error:
            message = f"{name}: {error}"
            raise MalformedError(message) from None
        return made(kind, fields)

    return decode


def _mould(parts: Mapping[str, Codec], tag: str | None = None) -> Mould:
    """Return the mould of an object; `tag` is its member "form"."""
    moulds = {
        name: part.mould or Mould("%s", (Fill("", part.spell),)) for name, part in parts.items()
    }
    texts = {name: f'"{name}":{mould.text}' for name, mould in moulds.items()}
    if tag is not None:
        texts["form"] = f'"form":"{tag}"'
    fills = [fill for name, mould in moulds.items() for fill in mould.at(name)]
    return Mould(f"{{{','.join(texts[name] for name in sorted(texts))}}}", tuple(fills))


def _spell_object(mould: Mould) -> Spell:
    """Return what fills the mould of an object."""
    text, values = mould.text, reader(tuple(fill.path for fill in mould.fills))
    calls = [(at, fill.spell) for at, fill in enumerate(mould.fills) if fill.spell is not None]

    def spell(value: Any) -> str:
        filling = list(values(value))
        for at, spell_part in calls:
            filling[at] = spell_part(filling[at])
        return text % tuple(filling)

    return spell


# audit: recursion: as deep as declared types are nested
def _tagged(kinds: tuple[type, ...]) -> Codec:
    return tagged({kind.__name__: kind for kind in kinds})


# audit: recursion: as deep as declared types are nested
def tagged(kinds: Mapping[str, type]) -> Codec:
    """Return the codec of a union: each value carries its tag in the member "form"."""
    parts = {tag: _parts(kind) for tag, kind in kinds.items()}
    spellers = {kind: _spell_object(_mould(parts[tag], tag)) for tag, kind in kinds.items()}
    decoders = {tag: _decode_object(kind, parts[tag], tag) for tag, kind in kinds.items()}

    def spell(value: Any) -> str:
        spell_kind = spellers.get(type(value))
        if spell_kind is None:
            raise InvariantError("FORM-1")
        return spell_kind(value)

    def decode(value: object) -> Any:
        tag = value.get("form") if isinstance(value, dict) else None
        if not isinstance(tag, str) or tag not in decoders:
            raise _expected(f'an object whose "form" is one of {sorted(decoders)}', tag)
        try:
            return decoders[tag](value)
        except MalformedError as error:
            message = f"{tag}: {error}"
            raise MalformedError(message) from None

    return Codec(spell, decode)
