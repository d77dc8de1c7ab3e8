"""JSON schemas of what goes in and comes out (接口模式), made from the declared types themselves.

    schema_of(Money)                 {"$ref": "#/components/schemas/Money"}
    schema_of(tuple[Account, ...])   an array of them

Commands are spelled as the ledger spells them (`kernel.form`); in answers an amount has its decimal
string beside its minor units.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from tallyport.kernel.canonical import INTEGER_MAX
from tallyport.kernel.form import ITEMS_MAX, TEXT_MAX
from tallyport.kernel.ids import ID_LENGTH_MAX, ID_PATTERN
from tallyport.kernel.money import MINOR_MAX, Money

Schema = dict[str, Any]
REF = "#/components/schemas/"
_CURRENCY = {"type": "string", "pattern": "^[A-Z]{3}$", "examples": ["CNY"]}
_MINOR = {"type": "integer", "minimum": -MINOR_MAX, "maximum": MINOR_MAX}
MONEY: Schema = {
    "type": "object",
    "description": "Whole minor units of one currency: 600 CNY minor are 6.00 yuan.",
    "properties": {"currency": _CURRENCY, "minor": _MINOR},
    "required": ["currency", "minor"],
    "additionalProperties": False,
}
AMOUNT: Schema = {
    "type": "object",
    "description": "An amount: as a decimal string, and in whole minor units.",
    "properties": {
        "currency": _CURRENCY,
        "minor": _MINOR,
        "value": {"type": "string", "examples": ["1920000.00"]},
    },
    "required": ["currency", "minor", "value"],
}
_PLAIN: dict[Any, Schema] = {
    bool: {"type": "boolean"},
    int: {"type": "integer", "minimum": -INTEGER_MAX, "maximum": INTEGER_MAX},
    str: {"type": "string"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
    types.NoneType: {"type": "null"},
}


class Schemas:
    """Schemas of one direction; dataclasses and choices become components with names."""

    def __init__(self, *, is_answer: bool) -> None:
        self._is_answer = is_answer
        self.components: dict[str, Schema] = {}

    def of(self, annotation: Any) -> Schema:  # noqa: ANN401, PLR0911 - One return for each kind of type.
        """Return the schema of a declared type."""
        if annotation is Money:
            return self._named("Amount" if self._is_answer else "Money", self._money())
        if annotation is str and not self._is_answer:
            return {"type": "string", "maxLength": TEXT_MAX}
        if annotation in _PLAIN:
            return _PLAIN[annotation]
        if isinstance(annotation, typing.NewType):
            return self._id()
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin in (types.UnionType, typing.Union):
            return self._union(arguments)
        if origin is tuple:
            return self._array(arguments)
        if origin in (dict, Mapping):
            return {"type": "object", "additionalProperties": self.of(arguments[1])}
        if isinstance(annotation, type) and issubclass(annotation, StrEnum):
            choice = {"type": "string", "enum": [one.value for one in annotation]}
            return self._named(_name(annotation), choice)
        if dataclasses.is_dataclass(origin or annotation):
            return self._dataclass(origin or annotation, arguments)
        return {}  # Any JSON.

    def tagged(self, form: str, kind: Any) -> Schema:  # noqa: ANN401 - A dataclass.
        """Return the schema of a command: its fields and the member "form"."""
        hints = typing.get_type_hints(kind)
        fields = {field.name: self.of(hints[field.name]) for field in dataclasses.fields(kind)}
        return self._named(
            form.replace("/", ".v"),
            {
                "type": "object",
                "description": _first_line(kind),
                "properties": {"form": {"const": form}, **fields},
                "required": ["form", *fields],
                "additionalProperties": False,
            },
        )

    def _money(self) -> Schema:
        return AMOUNT if self._is_answer else MONEY

    def _id(self) -> Schema:
        if self._is_answer:
            return {"type": "string"}
        return {"type": "string", "pattern": f"^{ID_PATTERN}$", "maxLength": ID_LENGTH_MAX}

    def _union(self, arguments: tuple[Any, ...]) -> Schema:
        kinds = [one for one in arguments if one is not types.NoneType]
        if not self._is_answer and len(kinds) > 1:
            options = [self.tagged(kind.__name__, kind) for kind in kinds]
        else:
            options = [self.of(kind) for kind in kinds]
        if types.NoneType in arguments:
            options.append({"type": "null"})
        return {"anyOf": options}

    def _array(self, arguments: tuple[Any, ...]) -> Schema:
        if len(arguments) == 2 and arguments[1] is Ellipsis:  # noqa: PLR2004 - tuple[X, ...].
            array: Schema = {"type": "array", "items": self.of(arguments[0])}
            return array if self._is_answer else array | {"maxItems": ITEMS_MAX}
        return {"type": "array", "prefixItems": [self.of(one) for one in arguments]}

    def _dataclass(self, kind: Any, arguments: tuple[Any, ...]) -> Schema:  # noqa: ANN401 - A dataclass.
        name = _name(kind) + "".join(f".{getattr(one, '__name__', one)}" for one in arguments)
        if name in self.components:
            return {"$ref": REF + name}
        self.components[name] = {}  # Types may hold themselves.
        filled = dict(zip(getattr(kind, "__parameters__", ()), arguments, strict=False))
        hints = typing.get_type_hints(kind)
        fields = {
            field.name: self.of(_fill(hints[field.name], filled))
            for field in dataclasses.fields(kind)
        }
        self.components[name] = {
            "type": "object",
            "description": _first_line(kind),
            "properties": fields,
            "required": list(fields),
        }
        return {"$ref": REF + name}

    def _named(self, name: str, schema: Schema) -> Schema:
        self.components.setdefault(name, schema)
        return {"$ref": REF + name}


def _fill(annotation: Any, filled: dict[Any, Any]) -> Any:  # noqa: ANN401 - Types.
    """Return the annotation with type variables replaced by what the generic was given."""
    if annotation in filled:
        return filled[annotation]
    if typing.get_origin(annotation) is tuple:
        return tuple[tuple(_fill(one, filled) for one in typing.get_args(annotation))]  # type: ignore[misc]
    return annotation


def _name(kind: type) -> str:
    return f"{kind.__module__.removeprefix('tallyport.')}.{kind.__name__}"


def _first_line(kind: type) -> str:
    return (kind.__doc__ or "").strip().partition("\n")[0]


ANSWERS = Schemas(is_answer=True)
