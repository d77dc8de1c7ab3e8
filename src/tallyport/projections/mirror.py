"""The present state as tables (当前状态): one SQL table for every kind of row that contracts keep.

    now_certificate   key, one column a field, and `row`, the canonical JSON of all of it
    now_limit, now_member, now_account, now_escrow ...

The rows come from the contracts' own `evolve`, run over this database: a page cannot disagree with
the ledger about what an event means, and a new contract is visible without a line of code here.

    str, int, choice, date, moment    a column of that name
    bool                              0 or 1
    Money                             name_minor and name_currency
    anything nested                   its canonical JSON as text
"""

from __future__ import annotations

import dataclasses
import sqlite3
import types
import typing
from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from tallyport.contracts import table
from tallyport.kernel.canonical import decode, encode
from tallyport.kernel.contract import Gone, Row
from tallyport.kernel.form import codec
from tallyport.kernel.money import Money
from tallyport.ledger.entry import Entry
from tallyport.projections.projection import Projection

R = TypeVar("R", bound=Row)

_TOP = chr(0x10FFFF)  # Sorts after everything that a key can hold.
_EVOLVE = {event: evolve for one in table.ALL for event, evolve in one.events.items()}
_ROWS = tuple(row for one in table.ALL for row in one.rows)


def name_of(kind: type[Row]) -> str:
    """Return the name of the SQL table for rows of `kind`."""
    return f"now_{kind.TABLE}"


class Column(typing.NamedTuple):
    """How one field becomes one or two columns."""

    name: str
    sort: str  # plain, money, json
    sql: str


def _sort(annotation: Any) -> tuple[str, str]:  # noqa: ANN401 - A type as declared.
    if typing.get_origin(annotation) in (types.UnionType, typing.Union):
        inner = [one for one in typing.get_args(annotation) if one is not types.NoneType]
        return _sort(inner[0]) if len(inner) == 1 else ("json", "TEXT")
    if annotation is Money:
        return "money", ""
    if annotation in (int, bool):
        return "plain", "INTEGER"
    if isinstance(annotation, typing.NewType) or annotation in (str, date, datetime):
        return "plain", "TEXT"
    is_choice = isinstance(annotation, type) and issubclass(annotation, StrEnum)
    return ("plain" if is_choice else "json"), "TEXT"


@cache
def columns(kind: type[Row]) -> tuple[Column, ...]:
    """Return the columns of a kind of row, in the order of its fields."""
    hints = typing.get_type_hints(kind)
    found = []
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        sort, sql = _sort(hints[field.name])
        if sort == "money":
            found.append(Column(f"{field.name}_minor", "minor", "INTEGER"))
            found.append(Column(f"{field.name}_currency", "currency", "TEXT"))
        else:
            found.append(Column(field.name, sort, sql))
    return tuple(found)


def _cell(column: Column, fields: dict[str, Any]) -> str | int | None:
    match column.sort:
        case "minor" | "currency":
            money = fields[column.name.removesuffix(f"_{column.sort}")]
            return None if money is None else money[column.sort]
        case "json":
            value = fields[column.name]
            return None if value is None else encode(value).decode()
        case _:
            plain: str | int | None = fields[column.name]
            return int(plain) if isinstance(plain, bool) else plain


def _schema(kind: type[Row]) -> str:
    fields = "".join(f', "{column.name}" {column.sql}' for column in columns(kind))
    return (
        f'CREATE TABLE IF NOT EXISTS {name_of(kind)} ("_key" TEXT PRIMARY KEY, "_row" TEXT NOT NULL'
        f"{fields}) STRICT, WITHOUT ROWID;\n"
    )


class Mirror(Projection):
    """The state, folded again from the events."""

    tables = tuple(name_of(kind) for kind in _ROWS)
    schema = "".join(_schema(kind) for kind in _ROWS) + (
        "CREATE INDEX IF NOT EXISTS certificate_by_holder ON now_certificate (holder, stage);\n"
        "CREATE INDEX IF NOT EXISTS certificate_by_root ON now_certificate (root);\n"
    )

    def __init__(self, database: sqlite3.Connection) -> None:
        super().__init__(database)
        self._insert = {
            kind.TABLE: f"INSERT OR REPLACE INTO {name_of(kind)}"  # noqa: S608
            f" VALUES ({', '.join('?' * (2 + len(columns(kind))))})"
            for kind in _ROWS
        }

    def fold_event(self, event: object, entry: Entry) -> None:
        """Write the rows that `event` changes."""
        for change in _EVOLVE[type(event)](self, event):
            if isinstance(change, Gone):
                if change.table in _ROWS:
                    drop = f"DELETE FROM {name_of(change.table)} WHERE _key = ?"  # noqa: S608
                    self.database.execute(drop, (change.key,))
            elif change.TABLE in self._insert:  # Timers are the ledger's own.
                self._put(change)

    def _put(self, row: Row) -> None:
        fields = codec(type(row)).encode(row)
        text = encode(fields).decode()
        cells = (_cell(column, fields) for column in columns(type(row)))
        self.database.execute(self._insert[row.TABLE], (row.key, text, *cells))

    # The book that `evolve` reads.

    def get(self, table: type[R], key: str) -> R | None:
        """Return the row, or None."""
        query = f"SELECT _row FROM {name_of(table)} WHERE _key = ?"  # noqa: S608
        found = self.database.execute(query, (key,)).fetchone()
        return None if found is None else self._decode(table, found[0])

    def scan(self, table: type[R], prefix: str = "") -> Iterator[R]:
        """Yield rows in order of their keys."""
        query = (
            f"SELECT _row FROM {name_of(table)}"  # noqa: S608 - The name is ours.
            " WHERE _key >= ? AND _key < ? ORDER BY _key"
        )
        for (text,) in self.database.execute(query, (prefix, prefix + _TOP)).fetchall():
            yield self._decode(table, text)

    @staticmethod
    def _decode(table: type[R], text: str) -> R:
        row: R = codec(table).decode(decode(text.encode()))
        return row
