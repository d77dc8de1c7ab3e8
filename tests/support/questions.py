"""Questions of the work list, as a matching would ask them."""

from __future__ import annotations

from tallyport.evidence.review.model import Candidate, Kind, Mark, Question, Row, Side

ITEM, PLACE, RIVAL = "I2407180000760", "XJZR-2024071201", "XJZR-2024050801"


def payment(digest: str = "first") -> Question:
    """Return a payment that fits two agreements equally well."""
    return Question(
        id=f"payment:{ITEM}",
        kind=Kind.PAYMENT,
        item=ITEM,
        place=PLACE,
        probability_bp=4_661,
        reason="chosen; 1 other places fit",
        candidates=(
            Candidate(place=PLACE, probability_bp=4_661, is_chosen=True),
            Candidate(place=RIVAL, probability_bp=4_661, is_chosen=False),
        ),
        sides=(
            Side(kind="bank_entry", record=ITEM, source="bank", file="statement.csv", line=2081),
            Side(kind="contract", record=PLACE, source="contracts", file="c.csv", line=297),
        ),
        rows=(
            Row(left="currency", left_value="USD", right="currency", right_value="USD",
                mark=Mark.SAME),
            Row(left="counterparty", left_value="DJIBEK IMPOULS", right="buyer_name",
                right_value="日贝克伊姆普尔斯集团", mark=Mark.DIFFERENT),
            Row(left="account_no", left_value="6222", right="", right_value="", mark=Mark.ALONE),
        ),
        digest=digest,
    )  # fmt: skip


def unexplained() -> Question:
    """Return money that nobody knows the agreement of."""
    return Question(
        id="unexplained:I2", kind=Kind.UNEXPLAINED, item="I2", place="", probability_bp=0,
        reason="no agreement fits", candidates=(), sides=(), rows=(), digest="d",
    )  # fmt: skip


def finding() -> Question:
    """Return a suspicion."""
    return Question(
        id="finding:double_sale:V;A;B", kind=Kind.FINDING, item="double_sale:V;A;B", place="",
        probability_bp=10_000, reason="sold twice", candidates=(), sides=(), rows=(), digest="d",
    )  # fmt: skip
