"""Two records side by side (并排对照): fields that speak of the same thing in one row.

    vehicle LGWEF2A55EL036754              goods line 9402…11235/1
    vin     LGWEF2A55EL036754      ≠       specification   …VIN:LGWEF2A55EL036745
    model   哈弗 H6                 =       specification   …长城牌哈弗H6…

Values are the same when their folded forms are, or one holds the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from hashlib import sha256
from json import dumps

import polars as pl

from tallyport.evidence.linkage.fold import compact, folded
from tallyport.evidence.review.model import Mark, Row, Side
from tallyport.evidence.sources.vocabulary import KINDS, LINEAGE

Record = Mapping[str, object]
Tables = Mapping[str, pl.DataFrame]
PAIRS: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("vehicle", "declaration_line"): (("vin", "specification"), ("model", "specification")),
    ("bank_entry", "contract"): (
        ("remittance", "contract_no"),
        ("counterparty", "buyer_name"),
        ("counterparty_country", "destination"),
        ("currency", "currency"),
        ("amount", "total"),
        ("booked_on", "signed_on"),
    ),
}
UNLIKE = frozenset({"total", "signed_on", "destination"})  # Worth seeing together, never equal.
VALUE_LENGTH_MAX = 300  # More does not fit beside another one on a page.


class Register:
    """Finds a record by its kind and key, parts of the key joined by "/"."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._rows: dict[str, dict[str, int]] = {}

    def find(self, kind: str, record: str) -> Record | None:
        """Return the record, or None."""
        if kind not in self._rows:
            self._rows[kind] = self._index(kind)
        at = self._rows[kind].get(record)
        return None if at is None else self._tables[kind].row(at, named=True)

    def _index(self, kind: str) -> dict[str, int]:
        table = self._tables[kind]
        # A bank's entry reference is the key that results name; statements repeat their numbers.
        by = ["entry_no"] if kind == "bank_entry" else list(KINDS[kind].key)
        keys = table.select(pl.concat_str(*by, separator="/")).to_series()
        return {str(key): at for at, key in reversed(list(enumerate(keys))) if key is not None}


def side(kind: str, record: str, found: Record) -> Side:
    """Return where a record came from."""
    line = found["line"]
    return Side(
        kind=kind,
        record=record,
        source=str(found["source"]),
        file=str(found["file"]),
        line=line if isinstance(line, int) else 0,
    )


def rows(left_kind: str, left: Record, right_kind: str, right: Record) -> Iterator[Row]:
    """Yield the fields of two records: what can be compared first, then the rest of each."""
    pairs = PAIRS.get((left_kind, right_kind), ())
    for one, other in pairs:
        first, second = shown(left.get(one)), shown(right.get(other))
        if first or second:
            yield Row(
                left=one, left_value=first, right=other, right_value=second,
                mark=Mark.ALONE if other in UNLIKE else _mark(first, second),
            )  # fmt: skip
    yield from _rest(left, {one for one, _ in pairs}, is_left=True)
    yield from _rest(right, {other for _, other in pairs}, is_left=False)


def _rest(record: Record, done: set[str], *, is_left: bool) -> Iterator[Row]:
    for name, value in record.items():
        text = shown(value)
        if not text or name in done or name in LINEAGE:
            continue
        if is_left:
            yield Row(left=name, left_value=text, right="", right_value="", mark=Mark.ALONE)
        else:
            yield Row(left="", left_value="", right=name, right_value=text, mark=Mark.ALONE)


def _mark(first: str, second: str) -> Mark:
    if not (first and second):
        return Mark.ALONE
    frame = pl.DataFrame({"one": [first], "other": [second]})
    for fold in (folded, compact):
        one, other = frame.select(fold(pl.col("one")), fold(pl.col("other"))).row(0)
        if one and other and (one in other or other in one):
            return Mark.SAME
    return Mark.DIFFERENT


def shown(value: object) -> str:
    """Return a value as text; amounts without zeros that say nothing."""
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat(sep=" ", timespec="minutes")
        case date():
            return value.isoformat()
        case _:
            pass
    text = str(value)
    if "." in text and text.replace(".", "").replace("-", "").isdigit():
        text = text.rstrip("0").rstrip(".")
    return text[:VALUE_LENGTH_MAX]


def digest(*records: Record) -> str:
    """Return a digest of what records say, wherever they stand."""
    said = [
        {name: shown(value) for name, value in one.items() if name not in LINEAGE}
        for one in records
    ]
    return sha256(dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
