"""The nouns of the pledge register (质押登记): things with one name each, and what they secure.

A thing is called `kind:IDENTIFIER`, in capitals, so that it cannot be named twice:

    vehicle:LGWEF2A55EL036754    invoice:24652000000012345678    agreement:XJYO-2024040401
    certificate:RC-1/2           waybill:YMW-2024-0117           invoice:MILAN/2024017

The identifier of a vehicle or an invoice has no dots or dashes, because people write the same one
with and without. Where numbers are an issuer's own, the issuer stands before a stroke.
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
        return f"{self.asset}|{self.number:09}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PledgedAsset:
    """Row: an asset that was pledged at least once, and how often; the last may be active."""

    TABLE: ClassVar[str] = "pledged_asset"

    asset: AssetId
    registrations: int

    @property
    def key(self) -> str:
        """The asset's name."""
        return self.asset


_CLEAN = re.compile(r"[A-Z0-9]+(?:/[A-Z0-9]+)*")
_FREE = re.compile(r"[A-Z0-9][A-Z0-9._/@#+\-]*")
_STRICT = (Kind.VEHICLE, Kind.INVOICE)


def asset_id(kind: Kind, identifier: str) -> AssetId:
    """Return the one name of a thing, however its identifier was written."""
    word = identifier.upper()
    if kind in _STRICT:
        word = re.sub(r"[^A-Z0-9/]", "", word)
    return AssetId(f"{kind.value}:{word}")


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
