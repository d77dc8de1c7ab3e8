"""The nouns of the pledge register (质押登记): things with one name each, and what they secure.

A thing is called `kind:IDENTIFIER`, in capitals, so that it cannot be named twice:

    vehicle:LGWEF2A55EL036754    invoice:24652000000012345678    agreement:XJYO-2024040401
    certificate:RC-1/2           waybill:YMW-2024-0117           invoice:MILAN/2024017

People write one number with dashes, dots, strokes, spaces and full-width letters, or without: what
counts is its `likeness`, the capitals and digits, so that `order:PO-1` and `order:PO1` are one
order. The name is kept as it was written. Where numbers are an issuer's own, the issuer stands
before a stroke. Certificates are named by this ledger: nobody spells them in two ways.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import ClassVar, NewType

from tallyport.kernel.ids import MemberId

AssetId = NewType("AssetId", str)
RegistryNumber = NewType("RegistryNumber", str)  # 中登网登记证明编号
SecuredId = NewType("SecuredId", str)  # The certificate, financing or other debt that is secured.


@unique
class Kind(StrEnum):
    """What can be pledged."""

    AGREEMENT = "agreement"  # 合同
    AWARD = "award"  # 中标通知
    CERTIFICATE = "certificate"  # 数字债权凭证
    DATA_ASSET = "data_asset"  # 数据资产
    DECLARATION = "declaration"  # 报关单
    INVOICE = "invoice"  # 发票
    LADING = "lading"  # 提单
    ORDER = "order"  # 订单
    VEHICLE = "vehicle"  # 车辆, by its VIN
    WAREHOUSE_RECEIPT = "warehouse_receipt"  # 仓单
    WAYBILL = "waybill"  # 运单


@unique
class Purpose(StrEnum):
    """Whose business it serves; only that contract ends what it began."""

    OUTSIDE = "outside"  # Something that this ledger does not run; begun and ended by command.
    CERTIFICATE = "certificate"
    FINANCING = "financing"


@unique
class Stage(StrEnum):
    """Where a pledge stands; a released one is history."""

    ACTIVE = "active"  # 在押
    RELEASED = "released"  # 已解押


@dataclass(frozen=True, slots=True, kw_only=True)
class Pledge:
    """Row: registration `number` (1, 2, ...) of an asset; it stays when it is released."""

    TABLE: ClassVar[str] = "pledge"

    asset: AssetId
    number: int
    pledgor: MemberId
    pledgee: MemberId
    purpose: Purpose
    secured: SecuredId
    registry_number: RegistryNumber | None
    stage: Stage

    @property
    def key(self) -> str:
        """The registrations of an asset stand together, the oldest first."""
        return f"{likeness(self.asset)}|{self.number:09}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PledgedAsset:
    """Row: an asset that was pledged at least once, and how often; the last may be active."""

    TABLE: ClassVar[str] = "pledged_asset"

    asset: AssetId
    registrations: int

    @property
    def key(self) -> str:
        """What all spellings of the asset's name share."""
        return likeness(self.asset)


_CLEAN = re.compile(r"[A-Z0-9]+(?:/[A-Z0-9]+)*")
_FREE = re.compile(r"[A-Z0-9][A-Z0-9._/@#+\-]*")
_STRICT = (Kind.VEHICLE, Kind.INVOICE)
_CERTIFICATE = f"{Kind.CERTIFICATE}:"
_NO_SIGN = re.compile(r"[^A-Z0-9]")
_FULL_WIDTH = {
    code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)
}  # ＡＢＣ１２３ and their marks.


def asset_id(kind: Kind, identifier: str) -> AssetId:
    """Return the name of a thing; a vehicle or an invoice is named without dots and dashes."""
    if kind is Kind.CERTIFICATE:
        return AssetId(_CERTIFICATE + identifier.upper())
    word = "".join(identifier.translate(_FULL_WIDTH).upper().split())
    if kind in _STRICT:
        word = re.sub(r"[^A-Z0-9/]", "", word)
    return AssetId(f"{kind.value}:{word}")


def likeness(asset: AssetId) -> str:
    """Return what all spellings of a thing's name share: `order:PO1` for `order:PO-1`."""
    if asset.startswith(_CERTIFICATE):
        return asset
    kind, _, identifier = asset.partition(":")
    return f"{kind}:{_NO_SIGN.sub('', identifier)}"


def is_asset(asset: AssetId) -> bool:
    """Return whether `asset` is the one name of a thing."""
    kind, _, identifier = asset.partition(":")
    if kind not in list(Kind):
        return False
    pattern = _CLEAN if kind in _STRICT else _FREE
    return pattern.fullmatch(identifier) is not None


def is_of(asset: AssetId, *kinds: Kind) -> bool:
    """Return whether the thing is of one of `kinds`."""
    return asset.partition(":")[0] in kinds
