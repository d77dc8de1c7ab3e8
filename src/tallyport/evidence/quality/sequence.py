"""What comes later is dated later (时间顺序).

    declared 5 February 2024 ──▶ released 6 February ──▶ keyed in 6 February

A date may be missing; two that are there stand in their order. Pairs are of one record, so that no
matching is needed to see that one of them is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import polars as pl

from tallyport.evidence.quality.model import Check, Level, Tables, told
from tallyport.evidence.sources.vocabulary import KINDS

# Kind, earlier field, later field, term.
PAIRS = (
    ("vehicle", "first_registered_on", "bought_on", "初次登记晚于收购"),
    ("inspection", "inspected_on", "entered_on", "录入早于检测"),
    ("declaration", "declared_on", "released_on", "放行早于申报"),
    ("leg", "departed_at", "arrived_at", "到达早于出发"),
    ("receipt", "received_on", "entered_on", "录入早于入库"),
    ("tax_rebate", "filed_on", "received_on", "到账早于申报"),
    ("order", "ordered_at", "approved_at", "付款确认早于下单"),
    ("order", "handed_to_carrier_at", "delivered_at", "签收早于发货"),
    ("order", "ordered_at", "delivered_at", "签收早于下单"),
    ("receivable", "issued_on", "due_on", "到期早于开票"),
    ("receivable", "issued_on", "settled_on", "结清早于开票"),
)


def _reversed(tables: Tables, kind: str, earlier: str, later: str) -> pl.DataFrame:
    names = KINDS[kind].key or (earlier,)
    wrong = tables[kind].filter(pl.col(later) < pl.col(earlier))
    return told(
        wrong,
        key=pl.concat_str([pl.col(name).cast(pl.String) for name in names], separator=" "),
        field=later,
        expected=pl.format("{} or later", pl.col(earlier).cast(pl.String)),
        came=pl.col(later),
    )


CHECKS: Sequence[Check] = tuple(
    Check(
        rule=f"{kind}_{later}_is_before_{earlier}",
        level=Level.CONTRADICTION,
        kind=kind,
        zh=term,
        en=f"{later} of the {kind.replace('_', ' ')} lies before {earlier}",
        find=partial(_reversed, kind=kind, earlier=earlier, later=later),
    )
    for kind, earlier, later, term in PAIRS
)
