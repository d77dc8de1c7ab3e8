"""What one record names, another system should have (引用完整性).

Only references that machines write are followed: a waybill number on a leg, a contract number on
its line. What people type, such as a contract number on a declaration, is the matter of linkage.
A reference to a kind of which nothing was delivered says nothing. Letters that look alike are one
letter here: a warehouse with a Russian keyboard writes С240100007 and means C240100007.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import polars as pl

from tallyport.evidence.quality.model import Check, Level, Tables, told
from tallyport.evidence.sources.vocabulary import KINDS

LOOKALIKES = dict(zip("АВЕКМНОРСТУХІЈЅ", "ABEKMHOPCTYXIJS", strict=True))  # Cyrillic, Latin.
_SEEN = "\x00seen"

# Kind, field, kind it points to, field there, term.
REFERENCES = (
    ("contract", "buyer_no", "buyer", "buyer_no", "买方编码"),
    ("contract_line", "contract_no", "contract", "contract_no", "合同号"),
    ("contract", "contract_no", "contract_line", "contract_no", "合同明细"),
    ("declaration_line", "declaration_no", "declaration", "declaration_no", "报关单"),
    ("declaration", "declaration_no", "declaration_line", "declaration_no", "报关商品项"),
    ("waybill_vehicle", "waybill_no", "waybill", "waybill_no", "运单"),
    ("leg", "waybill_no", "waybill", "waybill_no", "运单"),
    ("lock_event", "waybill_no", "waybill", "waybill_no", "运单"),
    ("receipt", "waybill_ref", "waybill", "waybill_no", "运单"),
    ("release", "receipt_ref", "receipt", "receipt_no", "入库单"),
    ("tax_rebate", "invoice_no", "invoice", "invoice_no", "发票"),
    ("tax_rebate", "declaration_no", "declaration", "declaration_no", "报关单"),
    ("bank_entry", "account_no", "bank_statement", "account_no", "对账单"),
    ("seller_account", "prefix", "seller", "prefix", "卖方"),
    ("order_item", "order_no", "order", "order_no", "订单"),
    ("order", "order_no", "order_item", "order_no", "订单明细"),
    ("order_payment", "order_no", "order", "order_no", "订单"),
    ("order", "customer_no", "order_customer", "customer_no", "客户"),
)


def _seen(field: str) -> pl.Expr:
    """Return a code as the eye sees it."""
    return pl.col(field).str.replace_many(LOOKALIKES).alias(_SEEN)


def _orphans(tables: Tables, kind: str, field: str, other: str, target: str) -> pl.DataFrame:
    known = tables[other].select(_seen(target)).drop_nulls().unique()
    if not len(known):
        return told(
            tables[kind].clear(), key=field, field=field, expected=pl.lit(""), came=pl.lit("")
        )
    table = tables[kind].filter(pl.col(field).is_not_null()).with_columns(_seen(field))
    lost = table.join(known, on=_SEEN, how="anti", maintain_order="left")
    names = [name for name in KINDS[kind].key if name != "line_no"] or [field]
    return told(
        lost,
        key=pl.concat_str([pl.col(name).cast(pl.String) for name in names], separator=" "),
        field=field,
        expected=pl.lit(f"a {other.replace('_', ' ')} with this number"),
        came=pl.col(field),
    )


CHECKS: Sequence[Check] = tuple(
    Check(
        rule=f"{kind}_{field}_is_of_no_{other}",
        level=Level.ORPHAN,
        kind=kind,
        zh=f"找不到对应的{term}",
        en=f"the {kind.replace('_', ' ')} has no {other.replace('_', ' ')} with its {field}",
        find=partial(_orphans, kind=kind, field=field, other=other, target=target),
    )
    for kind, field, other, target, term in REFERENCES
)
