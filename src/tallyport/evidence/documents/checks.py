"""Does a paper agree with itself (单证自检)?

    lines 100.00 + 100.00 + 100.00   = net 300.00, tax 18.00 = 6 %, total 318.00
    壹拾壹万叁仟圆整                   = 113,000.00
    a tax number of 18 signs         the last sign does not follow from the rest: a doubt

Amounts may differ by a minor unit a line, because each line is rounded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from tallyport.evidence.documents.model import Field, Finding, Item, Kind, Paper, Rule, Severity
from tallyport.evidence.documents.numbers import (
    capitals_minor,
    day,
    is_tax_number,
    minor,
    rate_ppm,
)
from tallyport.evidence.vin import Doubt, facts
from tallyport.kernel import ratio

_MILLION = 1_000_000
_AMOUNTS = ("net", "tax", "total")
_DAYS = ("issued_on", "registered_on", "founded_on")


def check(kind: Kind, fields: Sequence[Field], items: Sequence[Item], as_of: date) -> list[Finding]:
    """Return what on a paper contradicts the rest of it, or is doubtful."""
    return [
        *_same(fields),
        *(_sums(fields, items) if kind in {Kind.INVOICE, Kind.VEHICLE_INVOICE} else ()),
        *_codes(fields),
        *_days(fields, as_of),
    ]


def _surest(fields: Sequence[Field], name: str) -> Field | None:
    named = [one for one in fields if one.name == name]
    return max(named, key=lambda one: one.confidence_bp, default=None)


def _contradiction(rule: Rule, expected: str, came: str, origin: str) -> Finding:
    return Finding(
        rule=rule, severity=Severity.CONTRADICTION, expected=expected, came=came, origin=origin
    )


def _plain(field: Field) -> str:
    """Return a value so that two ways to write it are one."""
    if field.name in _AMOUNTS and (amount := minor(field.value)) is not None:
        return str(amount)
    if field.name in _DAYS and (found := day(field.value)) is not None:
        return found.isoformat()
    return "".join(field.value.split()).upper()


def plain_value(paper: Paper, name: str) -> str:
    """Return what a paper says in a field, one spelling for all ways to write it."""
    return _plain(Field(name=name, value=paper.value(name), confidence_bp=0, origin=""))


def _same(fields: Sequence[Field]) -> Iterator[Finding]:
    """Two places of a paper that should say the same."""
    by_name: defaultdict[str, list[Field]] = defaultdict(list)
    for one in fields:
        if one.name not in {"note", "name", "owner"}:
            by_name[one.name].append(one)
    for some in by_name.values():
        others = [one for one in some[1:] if _plain(one) != _plain(some[0])]
        for one in others[:1]:
            yield _contradiction(
                Rule.TWO_VALUES, f"{one.name} {some[0].value} ({some[0].origin})", one.value,
                one.origin,
            )  # fmt: skip


def _sums(fields: Sequence[Field], items: Sequence[Item]) -> Iterator[Finding]:
    found = {name: _surest(fields, name) for name in (*_AMOUNTS, "total_in_words")}
    net, tax, total = (
        None if (one := found[name]) is None else _amount(one.value) for name in _AMOUNTS
    )
    yield from _items(items, net, tax)
    at = found["total"].origin if found["total"] else ""
    if net is not None and tax is not None and total is not None and net + tax != total:
        yield _contradiction(Rule.TOTAL, _spelled(net + tax), _spelled(total), at)
    words = found["total_in_words"]
    if words is not None and total is not None:
        said = capitals_minor(words.value)
        if said is not None and said != total:
            came = f"{words.value} = {_spelled(said)}"
            yield _contradiction(Rule.WORDS, _spelled(total), came, words.origin)


def _amount(text: str) -> int | None:
    """Return an amount in minor units; what is exempt is nothing."""
    return 0 if text.strip() in {"***", "免税", "不征税"} else minor(text)


def _items(items: Sequence[Item], net: int | None, tax: int | None) -> Iterator[Finding]:
    nets, taxes = [minor(one.net) for one in items], [_amount(one.tax) for one in items]
    for item, amount, duty in zip(items, nets, taxes, strict=True):
        rate = rate_ppm(item.rate)
        if amount is None or duty is None or rate is None:
            continue
        due = ratio.half_up(abs(amount) * rate, _MILLION)
        if abs(due - abs(duty)) > 1:
            expected = f"{_spelled(due)} ({item.rate})"
            yield _contradiction(Rule.TAX, expected, _spelled(duty), item.origin)
    for name, parts, whole in (("net", nets, net), ("tax", taxes, tax)):
        known = [one for one in parts if one is not None]
        if not known or whole is None or len(known) < len(parts):
            continue
        if abs(sum(known) - whole) > len(known):
            came = f"lines sum to {_spelled(sum(known))}"
            yield _contradiction(Rule.LINES, f"{name} {_spelled(whole)}", came, items[0].origin)


def _codes(fields: Sequence[Field]) -> Iterator[Finding]:
    for one in fields:
        is_wrong_code = one.name.endswith("tax_no") and is_tax_number(one.value.strip()) is False
        is_wrong_vin = (
            one.name == "vin" and Doubt.CHECK_DIGIT in facts(one.value.strip().upper()).doubts
        )
        if is_wrong_code or is_wrong_vin:
            yield Finding(
                rule=Rule.VIN_DIGIT if is_wrong_vin else Rule.TAX_NUMBER,
                severity=Severity.DOUBT,
                expected="a check sign that follows from the other signs",
                came=one.value,
                origin=one.origin,
            )


def _days(fields: Sequence[Field], as_of: date) -> Iterator[Finding]:
    for name in _DAYS:
        one = _surest(fields, name)
        said = None if one is None else day(one.value)
        if one is not None and said is not None and said > as_of:
            yield _contradiction(
                Rule.FUTURE, f"at the latest {as_of}", said.isoformat(), one.origin
            )


def _spelled(amount: int) -> str:
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02}"
