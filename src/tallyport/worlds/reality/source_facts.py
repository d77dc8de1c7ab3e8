"""What source 000 says about this trade, as far as the world must agree with it (来源事实).

    XJYO-2024040401    12 vehicles, declaration 940220240000058924
    JTDKB20X477006598  at the warehouse in Tashkent (TAS-1)
    LGWEF2A55EL036754  declaration 940220240000060158, three services, no accident
    HLX33B128R1643455  L9 Ultra, declaration 940220240000064903 under a lock of model XJ-CL2024

The source does not say in which contracts the last two were sold, nor when anything was declared:
XJYO-2024032905 is named as a contract with LLC "MILAN" Group, the rest is chosen to fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

LOCK_MODEL = "XJ-CL2024"
STATION = "XJ-023"
STANDARD = "XJ/T 302-2024"
CLEAN_VIN = "LGWEF2A55EL036754"
CLEAN_VIN_SERVICES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDeal:
    """A deal that exists in every world large enough; the first `vins` stand on its first lines."""

    number: str
    signed: date
    size: int
    vins: tuple[str, ...]
    declaration: str
    declared: date
    is_milans: bool
    world_min: int = 0


DEALS = (
    NamedDeal(
        number="XJYO-2024032801",
        signed=date(2024, 3, 28),
        size=12,
        vins=(),
        declaration="940220240000054371",
        declared=date(2024, 4, 11),
        is_milans=False,
        world_min=200,
    ),
    NamedDeal(
        number="XJYO-2024032905",
        signed=date(2024, 3, 29),
        size=3,
        vins=("LGWEF2A55EL036754",),
        declaration="940220240000060158",
        declared=date(2024, 4, 22),
        is_milans=True,
    ),
    NamedDeal(
        number="XJYO-2024040401",
        signed=date(2024, 4, 4),
        size=12,
        vins=("JTDKB20X477006598",),
        declaration="940220240000058924",
        declared=date(2024, 4, 20),
        is_milans=True,
    ),
    NamedDeal(
        number="XJYO-2024041101",
        signed=date(2024, 4, 11),
        size=2,
        vins=("HLX33B128R1643455",),
        declaration="940220240000064903",
        declared=date(2024, 5, 1),
        is_milans=False,
    ),
)
BY_NUMBER = {deal.number: deal for deal in DEALS}
