"""Results as plain JSON (接口编码): every dataclass an object, every amount a decimal string.

Money(192000000, "CNY")   {"currency":"CNY","minor":192000000,"value":"1920000.00"}
date, moment              "2024-04-08", "2024-04-08T01:00:00.000000Z"
"""

from __future__ import annotations

import dataclasses
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from tallyport.kernel.canonical import Json
from tallyport.kernel.form import encode_moment
from tallyport.kernel.money import Money
from tallyport.projections.queries.amounts import decimal


def plain(value: Any) -> Json:  # noqa: ANN401, PLR0911 - Takes whatever a query gives; a return a kind.
    """Return `value` as JSON."""
    match value:
        case Money():
            return {
                "currency": value.currency,
                "minor": value.minor,
                "value": decimal(value),
            }
        case StrEnum():
            return value.value
        case None | bool() | int() | str():
            return value
        case datetime():
            return encode_moment(value)
        case date():
            return value.isoformat()
        case dict():
            return {str(name): plain(part) for name, part in value.items()}
        case _ if dataclasses.is_dataclass(value):
            return {
                field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)
            }
        case _:
            return [plain(part) for part in value]
