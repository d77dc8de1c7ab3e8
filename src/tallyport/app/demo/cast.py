"""Who takes part in the demo (角色表): invented firms in the roles that the sources describe."""

from __future__ import annotations

from collections.abc import Callable

from tallyport.adapters.ed25519 import Signing
from tallyport.contracts.members.found import Found
from tallyport.contracts.members.model import Profile, PublicKey, Role
from tallyport.kernel.ids import MemberId

PLATFORM = MemberId("platform")
BANK = MemberId("tarim-bank")
CUSTOMS = MemberId("khorgos-customs")
LANDPORT = MemberId("landport")
SUPPLIER_A = MemberId("supplier-a")
SUPPLIER_B = MemberId("supplier-b")
SUPPLIER_C = MemberId("supplier-c")
SUPPLIER_D = MemberId("supplier-d")
FACTOR = MemberId("silk-factoring")
WAREHOUSE = MemberId("tas-1")
REGULATOR = MemberId("supervisor")

_CAST: tuple[tuple[MemberId, str, tuple[Role, ...], bool], ...] = (
    (PLATFORM, "亚欧链平台 Eurasia Chain Platform", (Role.OPERATOR,), True),
    (BANK, "塔里木商业银行 Tarim Commercial Bank", (Role.BANK,), True),
    (CUSTOMS, "霍尔果斯海关 Khorgos Customs", (Role.CUSTOMS,), True),
    (LANDPORT, "陆港集团 Landport Group", (Role.CORE_ENTERPRISE,), False),
    (SUPPLIER_A, "A公司 Supplier A", (Role.SUPPLIER,), False),
    (SUPPLIER_B, "上游供应商B Supplier B", (Role.SUPPLIER,), False),
    (SUPPLIER_C, "上游供应商C Supplier C", (Role.SUPPLIER,), False),
    (SUPPLIER_D, "上游供应商D Supplier D", (Role.SUPPLIER,), False),
    (FACTOR, "丝路保理 Silk Road Factoring", (Role.FUNDER,), False),
    (WAREHOUSE, "塔什干海外仓 Tashkent Warehouse TAS-1", (Role.WAREHOUSE,), False),
    (REGULATOR, "监管方 Supervisor", (Role.REGULATOR,), False),
)


def seller(prefix: str) -> MemberId:
    """Return the member id of an exporter."""
    return MemberId(prefix.lower())


def buyer(number: str) -> MemberId:
    """Return the member id of an overseas buyer."""
    return MemberId(number.lower())


def founding(
    key_of: Callable[[str], Signing],
    sellers: dict[MemberId, str],
    buyers: dict[MemberId, str],
) -> Found:
    """Return the command that founds the consortium with everybody who takes part."""
    cast = (
        *_CAST,
        *((one, name, (Role.SUPPLIER,), False) for one, name in sellers.items()),
        *((one, name, (Role.BUYER,), False) for one, name in buyers.items()),
    )
    members = tuple(
        Profile(
            id=member,
            name=name,
            roles=roles,
            keys=(PublicKey(suite=Signing.suite, public_hex=key_of(member).public.hex()),),
            is_voter=is_voter,
        )
        for member, name, roles, is_voter in cast
    )
    return Found(name="亚欧汽车链 Eurasia Car Chain", members=members, consents_min=2)
