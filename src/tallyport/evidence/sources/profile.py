"""A source profile (数据源配置): which column of which file is which canonical field.

    sources:
      stock:
        kind: vehicle
        files: {file: 02_vehicles/vehicle_stock.csv, encoding: gb18030}
        fields:
          vin: 车架号
          cost_cny: {from: 收购成本万元, unit: 万元}       6.8529 ──▶ 68529

A profile is data, so a partner's habits never need code. It is read and checked by `loading`; the
profiles that come with the package are found by `builtin`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from decimal import Decimal
from enum import StrEnum, unique

from tallyport.evidence.sources import dates
from tallyport.evidence.sources.vocabulary import Field, Kind

ENCODINGS = ("utf-8", "gb18030", "windows-1251")  # Tried in this order after the declared one.


@unique
class Format(StrEnum):
    """What a file is made of."""

    CSV = "csv"
    XLSX = "xlsx"
    XML = "xml"
    CAMT_053 = "camt.053"  # ISO 20022 bank statement; its paths are known, no field need be mapped.


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way in which a source may be delivered: files that match `glob`, all alike."""

    glob: str
    format: Format
    encoding: str = "utf-8"
    separator: str = ","
    header: int = 1  # The line or row of a CSV file or a sheet that names the columns.
    sheet: str = ""  # The first one when empty.
    record: str = ""  # Names of the record's element and those around it: Declaration/Goods.


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Where `field` comes from: the first of `names` that is there and filled, or a constant."""

    field: Field
    names: tuple[str, ...] = ()
    constant: str | None = None
    values: Mapping[str, str] = default(default_factory=dict)  # 已售 -> sold
    times: Decimal = Decimal(1)
    decimal: str = "."
    dates: tuple[str, ...] = dates.SAFE
    zone: str = "UTC"
    extract: str = ""  # A regular expression; its first group is the value.


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One table of one partner. The first of `forms` that the folder has is read."""

    name: str
    kind: Kind
    forms: tuple[Form, ...]
    columns: tuple[Column, ...]
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """All sources of a folder."""

    name: str
    about: str
    sources: tuple[Source, ...]
    encodings: tuple[str, ...] = ENCODINGS

    def source(self, name: str) -> Source | None:
        """Return the source called `name`, or None."""
        return next((source for source in self.sources if source.name == name), None)
