"""Sixty million for six months through four tiers: the example of source 001, page 16, to the end.

Goal: the figures of the source come out, and at maturity every last holder is paid to the cent.
Method: the story in a town, in 万元; everything is counted again after every chapter.
"""

from __future__ import annotations

from datetime import timedelta

from support.certificates import LIMIT, OPEN, ROOT, certificate, check, is_alive
from support.judging import carry, play
from support.town import ALI, BEK, CAN, FUND, MILAN, PORT, Town, cny
from tallyport.contracts.books.model import Kind, balance
from tallyport.contracts.books.post import Posted, exchange
from tallyport.contracts.limit.model import Limit
from tallyport.contracts.receivable.accept import Accept
from tallyport.contracts.receivable.finance import CertificateFinanced, financed
from tallyport.contracts.receivable.model import Certificate, Root, Stage
from tallyport.contracts.receivable.split import Split
from tallyport.contracts.receivable.trace import leaves, line, tree
from tallyport.contracts.receivable.transfer import Transfer
from tallyport.kernel.calendar import business_date
from tallyport.kernel.ids import CertificateId, FinancingId, MemberId
from tallyport.kernel.money import Money

WAN = 10_000
TIERS: list[tuple[MemberId, str, list[int], int | None, MemberId | None]] = [
    # Who cuts what into which parts, which of them it sells, and who gets the last one.
    (ALI, "RC-1", [192, 5808], None, BEK),
    (BEK, "RC-1/2", [3079, 1387, 1342], 1, CAN),
    (CAN, "RC-1/2/3", [791, 497, 54], 1, MILAN),
    (MILAN, "RC-1/2/3/3", [26, 28], 1, None),
]


def wan(count: int) -> Money:
    """Return so many ten-thousand yuan."""
    return cny(WAN * count)


def sell(town: Town, certificate_id: CertificateId) -> None:
    """Sell a certificate to the funder at its face, as the contract of financing would."""
    one = certificate(town, certificate_id)
    wish = CertificateFinanced(
        certificate_id=one.id,
        financing_id=FinancingId(f"F-{one.id}"),
        seller=one.holder,
        funder=FUND,
        price=one.face,
    )
    event = financed(town.state, wish, business_date(town.at))
    lines = (
        *exchange(one.holder, Kind.CASH, Kind.CERTIFICATES_HELD, one.face),
        *exchange(FUND, Kind.CERTIFICATES_HELD, Kind.CASH, one.face),
    )
    carry(town, event, Posted(purpose="sale", about=one.id, currency="CNY", lines=lines))


def tiers(town: Town) -> None:
    """Pass the sixty million through all tiers."""
    for actor, name, parts, sold, taker in TIERS:
        play(town, (actor, Split(certificate_id=CertificateId(name), faces=tuple(map(wan, parts)))))
        if sold is not None:
            sell(town, CertificateId(f"{name}/{sold}"))
        if taker is not None:
            passed = CertificateId(f"{name}/{len(parts)}")
            play(town, (actor, Transfer(certificate_id=passed, taker=taker)))
            play(town, (taker, Accept(certificate_id=passed)))
        check(town)


def test_sixty_million_through_four_tiers() -> None:
    """Financed 3 896 + held 2 104 = 6 000; the last 28 lead back to the issue."""
    town = Town()
    play(town, *OPEN)
    town.pay_in(FUND, wan(4_000))
    tiers(town)

    living = leaves(town.state, ROOT)
    ends = sorted((one.face.minor // wan(1).minor, one.holder) for one in living)
    assert ends == [
        (26, FUND),
        (28, MILAN),
        (192, ALI),
        (497, CAN),
        (791, FUND),
        (1387, BEK),
        (3079, FUND),
    ]
    in_hand = [face for face, holder in ends if holder != FUND]
    assert (sum(face for face, holder in ends if holder == FUND), sum(in_hand)) == (3_896, 2_104)

    last = certificate(town, CertificateId("RC-1/2/3/3/2"))
    way = line(town.state, last)
    assert [one.face for one in way] == [wan(face) for face in (28, 54, 1342, 5808, 6000)]
    assert [one.generation for one in way] == [4, 3, 2, 1, 0]
    assert last.moves == 3
    assert len(tree(town.state, ROOT)) == 11


def test_at_maturity_every_last_holder_is_paid() -> None:
    """Automatic clearing (到期自动清分): books, limit and certificates are all at rest."""
    town = Town()
    play(town, *OPEN)
    town.pay_in(FUND, wan(4_000))
    tiers(town)
    town.pay_in(PORT, wan(6_000))
    days = certificate(town).terms.due - business_date(town.at)
    town.let_pass(days - timedelta(hours=10))  # It is nine in the morning: this is eleven at night.
    assert certificate(town, CertificateId("RC-1/1")).stage is Stage.OPEN

    town.let_pass(timedelta(hours=1))

    check(town)
    cash = {member: town.cash(member) for member in (PORT, ALI, BEK, CAN, MILAN, FUND)}
    assert cash == {
        PORT: 0,
        ALI: wan(192).minor,
        BEK: wan(1387 + 3079).minor,
        CAN: wan(497 + 791).minor,
        MILAN: wan(28 + 26).minor,
        FUND: wan(4_000).minor,
    }
    assert not any(is_alive(one) for one in town.state.scan(Certificate))
    root = town.row(Root, ROOT)
    assert (root.is_matured, root.is_missed, root.leaves) == (True, False, 0)
    assert town.row(Limit, LIMIT).used_minor == 0
    for member in cash:
        assert balance(town.state, member, Kind.CERTIFICATES_HELD, "CNY") == 0
    assert balance(town.state, PORT, Kind.CERTIFICATES_OWED, "CNY") == 0
    assert balance(town.state, PORT, Kind.TRADE_PAYABLE, "CNY") == wan(6_000).minor
    assert balance(town.state, ALI, Kind.TRADE_RECEIVABLE, "CNY") == -wan(6_000).minor
