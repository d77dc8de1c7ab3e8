"""Golden vectors (黄金向量): one example of every form that the ledger stores, with its bytes.

    .venv/bin/python tools/golden.py      writes tests/golden/forms.json

The bytes of a form are a promise: a ledger that was written with them is to be read in ten years.
Whoever changes a form that a release has written raises the version of its contract first.

The file is made of nothing but the annotations: each text is the name of its field, each number its
length, each union is shown with each of its members, each choice is listed with its values.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import types
import typing
from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from tallyport.contracts import table
from tallyport.kernel.canonical import digest, encode
from tallyport.kernel.contract import Activation, Timer
from tallyport.kernel.form import codec
from tallyport.kernel.money import Money
from tallyport.ledger.machine import Done

FILE = Path(__file__).parents[1] / "tests" / "golden" / "forms.json"


def every_form() -> dict[str, type]:
    """Return all commands, events and rows by the name under which they are stored."""
    forms: dict[str, type] = {f"row {row.TABLE}": row for row in (Timer, Done, Activation)}
    for contract in table.ALL:
        for kind in (*contract.commands, *contract.events):
            forms[f"{contract.name}.{kind.__name__}/{contract.version}"] = kind
        for row in contract.rows:
            forms[f"row {row.TABLE}"] = row
    return forms


def example(annotation: Any, name: str, turn: int) -> Any:  # noqa: ANN401 - Of whatever type.
    """Return the example of a type in the field `name`; `turn` chooses among alternatives."""
    plain: dict[Any, Any] = {
        str: name,
        int: len(name),
        bool: turn % 2 == 0,
        date: date(2024, 4, 4),
        types.NoneType: None,
        datetime: datetime(2024, 4, 4, 1, 2, 3, 4, tzinfo=UTC),
        Money: Money(6_000_000_000, "CNY"),
    }
    if annotation in plain or isinstance(annotation, typing.NewType):
        return plain.get(annotation, f"{name}-1")
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (types.UnionType, typing.Union):
        return example(arguments[turn % len(arguments)], name, turn // len(arguments))
    if origin is tuple:
        return tuple(example(arguments[0], name, turn + place) for place in range(2))
    if issubclass(annotation, StrEnum):
        return list(annotation)[turn % len(annotation)]
    hints = typing.get_type_hints(annotation)
    fields = {
        field.name: example(hints[field.name], field.name, turn)
        for field in dataclasses.fields(annotation)
    }
    return annotation(**fields)


def turns(annotation: Any) -> int:  # noqa: ANN401 - Of whatever type.
    """Return how many turns show every member of every union within a type."""
    arguments = typing.get_args(annotation)
    if typing.get_origin(annotation) in (types.UnionType, typing.Union):
        return len(arguments) * max(turns(one) for one in arguments)
    if arguments:
        return turns(arguments[0])
    if not dataclasses.is_dataclass(annotation):
        return 1
    return max(turns(part) for part in parts(annotation))


def parts(kind: Any) -> list[Any]:  # noqa: ANN401 - Of whatever type.
    """Return the types of a dataclass's fields."""
    hints = typing.get_type_hints(kind)
    return [hints[field.name] for field in dataclasses.fields(kind)] or [str]


def choices(annotation: Any) -> Iterator[type[StrEnum]]:  # noqa: ANN401 - Of whatever type.
    """Yield the choices within a type."""
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        yield annotation
    elif dataclasses.is_dataclass(annotation):
        for part in parts(annotation):
            yield from choices(part)
    else:
        for argument in typing.get_args(annotation):
            yield from choices(argument)


def vectors(kind: type) -> list[dict[str, str]]:
    """Return the examples of a form: canonical JSON and its digest."""
    made = []
    for turn in range(turns(kind)):
        data = encode(codec(kind).encode(example(kind, kind.__name__, turn)))
        vector = {"bytes": data.decode(), "sha256": digest(data)}
        if vector not in made:
            made.append(vector)
    return made


def page() -> str:
    """Return the text of the file."""
    forms = every_form()
    values = {
        f"{kind.__module__.removeprefix('tallyport.')}.{kind.__name__}": [one.value for one in kind]
        for form in forms.values()
        for kind in choices(form)
    }
    content = {
        "choices": dict(sorted(values.items())),
        "forms": {name: vectors(forms[name]) for name in sorted(forms)},
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(page(), "utf-8")
    print(f"{FILE}: {len(every_form())} forms", file=sys.stderr)
