"""Certificates conserve their face through any life, and the books know where each one is.

Goal: face conserved, one holder, exposure within every limit, every cent posted, a refusal changes
nothing (Town asserts that). Method: a state machine in a town of suppliers, a funder and a surety
who do random things to random certificates while time passes and money comes late; after every
step `check` counts everything again, and at the end a replay of all events gives the same rows.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from support.certificates import GRANT, LIMIT, another, check, is_alive
from support.judging import carry, play
from support.town import ALI, BANK, BEK, CAN, FUND, PORT, SURETY, Town
from tallyport.contracts.books.deposit import Deposit
from tallyport.contracts.books.model import Kind
from tallyport.contracts.books.post import Posted, can_pay, exchange
from tallyport.contracts.limit.effect import Effect
from tallyport.contracts.limit.freeze import Freeze
from tallyport.contracts.limit.restore import Restore
from tallyport.contracts.receivable.accept import Accept
from tallyport.contracts.receivable.cancel import Cancel
from tallyport.contracts.receivable.decline import Decline
from tallyport.contracts.receivable.finance import CertificateFinanced, financed
from tallyport.contracts.receivable.guarantee import Guarantee
from tallyport.contracts.receivable.honour import Honour
from tallyport.contracts.receivable.model import Certificate, Root
from tallyport.contracts.receivable.settle import Settle
from tallyport.contracts.receivable.split import Split
from tallyport.contracts.receivable.transfer import Transfer
from tallyport.contracts.receivable.withdraw import Withdraw
from tallyport.kernel.calendar import business_date
from tallyport.kernel.contract import Timer
from tallyport.kernel.guard import Refused
from tallyport.kernel.ids import BankReferenceId, FinancingId, MemberId
from tallyport.kernel.money import Money
from tallyport.ledger.machine import Done
from tallyport.ledger.state import Draft, Memory

traders = st.sampled_from((ALI, BEK, CAN, PORT, FUND))
VERBS = (Accept, Decline, Withdraw, Guarantee, Cancel, Honour)
FITTING = {
    "issued": (Accept, Accept, Decline, Cancel),
    "open": (Guarantee, Guarantee, Honour, Honour, Cancel),
    "offered": (Accept, Accept, Decline, Withdraw, Honour),
}
few = st.integers(1, 600)


def entitled(one: Certificate, verb: type) -> MemberId:
    """Return who would be expected to do `verb` to a certificate."""
    if verb in {Accept, Decline}:
        return one.offered_to or one.holder
    if verb in {Guarantee, Honour}:
        return SURETY
    return one.terms.debtor if verb is Cancel else one.holder


class Trading(RuleBasedStateMachine):
    """A limit of 10.00 that a port, its suppliers, a funder and a guarantor trade upon."""

    @initialize(minor=st.integers(2, 900), days=st.integers(1, 200), safe=st.booleans())
    def begin(self, minor: int, days: int, *, safe: bool) -> None:
        self.town, self.number, self.read = Town(), 1, 0
        self.happened: list[object] = []
        play(self.town, (FUND, replace(GRANT, amount=Money(1_000, "CNY"))))
        play(self.town, (FUND, Effect(limit_id=LIMIT)))
        self.issue(PORT, 1, minor, days, ALI)
        first = self.town.row(Certificate, "RC-1")
        play(self.town, (ALI, Accept(certificate_id=first.id)))
        if safe:
            play(self.town, (SURETY, Guarantee(certificate_id=first.id)))
            self.town.pay_in(SURETY, Money(900, "CNY"))

    def pick(self, data: st.DataObject) -> Certificate:
        """Choose a certificate, most often one that lives."""
        everything = list(self.town.state.scan(Certificate))
        alive = [one for one in everything if is_alive(one)]
        wanted = data.draw(st.sampled_from((alive, alive, alive, everything)), label="among")
        return data.draw(st.sampled_from(wanted or everything), label="certificate")

    def actor(self, data: st.DataObject, one: Certificate, verb: type) -> MemberId:
        """Choose who acts, most often the one who may."""
        right = st.just(entitled(one, verb))
        return data.draw(st.one_of(right, right, right, traders), label="actor")

    @rule(
        actor=st.sampled_from((PORT, PORT, PORT, ALI)),
        number=st.integers(1, 6),
        minor=few,
        days=st.integers(0, 400),
        holder=traders,
    )
    def issue(self, actor: MemberId, number: int, minor: int, days: int, holder: MemberId) -> None:
        due = business_date(self.town.at) + timedelta(days=days)
        self.town.do(actor, replace(another(number, minor), due=due, holder=holder))

    @rule(data=st.data())
    def do_something(self, data: st.DataObject) -> None:
        one = self.pick(data)
        fitting = st.sampled_from(FITTING.get(one.stage.value, VERBS))
        verb = data.draw(st.one_of(fitting, fitting, st.sampled_from(VERBS)), label="verb")
        self.town.do(self.actor(data, one, verb), verb(certificate_id=one.id))

    @rule(data=st.data(), taker=traders, at_once=st.booleans())
    def transfer(self, data: st.DataObject, taker: MemberId, *, at_once: bool) -> None:
        one = self.pick(data)
        command = Transfer(certificate_id=one.id, taker=taker)
        offered = self.town.do(self.actor(data, one, Transfer), command) is None
        if offered and at_once:
            assert self.town.do(taker, Accept(certificate_id=one.id)) is None

    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        one = self.pick(data)
        cut = st.integers(1, max(1, one.face.minor - 1))
        cuts = data.draw(st.sets(cut, min_size=1, max_size=4), label="cuts")
        edges = [0, *sorted(cuts), one.face.minor]
        faces = tuple(Money(right - left, "CNY") for left, right in pairwise(edges))
        self.town.do(self.actor(data, one, Split), Split(certificate_id=one.id, faces=faces))

    @rule(data=st.data(), price=few)
    def finance(self, data: st.DataObject, price: int) -> None:
        """Sell one to the funder, who books its gain at once: financing is more careful."""
        one = self.pick(data)
        self.number += 1
        wish = CertificateFinanced(
            certificate_id=one.id,
            financing_id=FinancingId(f"F-{self.number}"),
            seller=self.actor(data, one, CertificateFinanced),
            funder=FUND,
            price=Money(price, "CNY"),
        )
        try:
            event = financed(self.town.state, wish, business_date(self.town.at))
        except Refused:
            return
        if not can_pay(self.town.state, FUND, event.price):
            return
        gain = one.face - event.price
        lines = (
            *exchange(event.seller, Kind.CASH, Kind.CERTIFICATES_HELD, event.price),
            *exchange(event.seller, Kind.INTEREST_EXPENSE, Kind.CERTIFICATES_HELD, gain),
            *exchange(FUND, Kind.CERTIFICATES_HELD, Kind.CASH, event.price),
            *exchange(FUND, Kind.CERTIFICATES_HELD, Kind.INTEREST_INCOME, gain),
        )
        posted = Posted(purpose="sale", about=one.id, currency="CNY", lines=lines)
        self.collect()
        carry(self.town, event, posted)
        self.happened += [event, posted]

    @rule(data=st.data(), actor=st.sampled_from((PORT, BANK, ALI)))
    def settle(self, data: st.DataObject, actor: MemberId) -> None:
        self.town.do(actor, Settle(root_id=self.pick(data).root))

    @rule(command=st.sampled_from((Freeze(limit_id=LIMIT, note=""), Restore(limit_id=LIMIT))))
    def stop_or_go(self, command: object) -> None:
        self.town.do(FUND, command)

    @rule(member=st.sampled_from((PORT, SURETY, FUND)), minor=few)
    def pay_in(self, member: MemberId, minor: int) -> None:
        self.number += 1
        reference = BankReferenceId(f"B-{self.number}")
        deposit = Deposit(owner=member, amount=Money(minor, "CNY"), reference=reference)
        assert self.town.do(BANK, deposit) is None

    @rule(days=st.integers(1, 200))
    def wait(self, days: int) -> None:
        self.town.let_pass(timedelta(days=days))

    @invariant()
    def everything_is_counted(self) -> None:
        check(self.town)

    @invariant()
    def nothing_is_forgotten_at_maturity(self) -> None:
        """On its day a certificate is paid, cancelled, or its miss is on record."""
        today = business_date(self.town.at)
        missed = {root.id for root in self.town.state.scan(Root) if root.is_missed}
        for one in self.town.state.scan(Certificate):
            late = is_alive(one) and one.terms.due <= today
            assert not late or (one.root in missed and one.stage.value != "issued")

    def collect(self) -> None:
        """Read the events of the entries that are new."""
        for entry in self.town.entries[self.read :]:
            self.happened += entry.events
        self.read = len(self.town.entries)

    def teardown(self) -> None:
        """Replay everything that happened into an empty state."""
        if not hasattr(self, "town"):
            return
        self.collect()
        again = Memory()
        for event in self.happened:
            draft = Draft(again)
            draft.write(self.town.machine.table.first.evolve[type(event)](draft, event))
            draft.hand_to(again)
        passing = {Timer.TABLE, Done.TABLE}
        names = (self.town.state.rows.keys() | again.rows.keys()) - passing
        for name in names:
            assert again.rows.get(name, {}) == self.town.state.rows.get(name, {}), name


TestTrading = Trading.TestCase
TestTrading.settings = settings(  # A life has many stages, and a step takes half a millisecond.
    max_examples=4 * settings().max_examples,
    stateful_step_count=2 * settings().stateful_step_count,
)
