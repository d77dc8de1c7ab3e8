"""From any cell to its lines (单元格血缘): what a figure on a page rests on, and by which rule.

    contract_line:XJYO-2024040901/1       a record: its own line
    XJYO-2024040901, contracts.csv:48     whatever bears that number, or stands there
    link:VIN/declaration_line/9402…/1     why a record belongs to a vehicle
    amount:T2405180000623/VIN             money out of a payment for a vehicle
    finding:double_sale:VIN+XJHL-…        the records of a finding
    party:payment:T2405180000623          the mentions that are one firm
    rating:buyer:B010022                  the indicators of a rating
    rating:buyer:B010022/days_late        the records of an indicator, each with its share
    settlement:shipper:S00007             the bills of a shipper
    vqi:VIN, vqi:fleet                    the reports and the weight of every item
    trade:haul:YD240301000123             the documents beside an order, invoice or haul
    dossier:VIN                           all links of a vehicle
    source:contracts                      the files of a source, with what was set aside

Every answer names the rule (a module), the version of what decided (profile, card or program), and
records with source, file and line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from importlib.metadata import version

import polars as pl

from tallyport.app.home import Home
from tallyport.app.lineage_frames import histories_of, places_of, rows_of
from tallyport.app.origins import Origin, Origins
from tallyport.credit import rate
from tallyport.credit.rating import lineage_of
from tallyport.evidence.dossiers import vqi
from tallyport.evidence.sources.vocabulary import INSPECTION_ITEMS

RESTS_MAX = 1_000  # Of one cell; a rating of years of trade would fill pages.
FLEET = "fleet"  # All reports that were read.
RECORDS_MAX = 100  # Behind one part of an indicator, such as a month.
SURE = 0.5  # Weaker links are candidates, not evidence.
REGISTERED = {"registry": "buyer", "payment": "bank_entry"}  # Mentions that are named otherwise.


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Something that a cell rests on: how, and where it stands; no origin: ask for `ref` itself."""

    ref: str
    how: str
    origin: Origin | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell: what it says, the rule that made it, and what it rests on."""

    ref: str
    value: str
    rule: str
    version: str
    rests: tuple[Rest, ...]


Answer = tuple[str, str, str, Iterable[Rest]]  # Value, rule, version, what it rests on.


class Lineage:
    """Answers what cells of the last appraisal rest on."""

    def __init__(self, home: Home) -> None:
        self._home, self._origins = home, Origins(home)
        self._program = f"tallyport {version('tallyport')}"

    def of(self, ref: str) -> Cell | None:
        """Return what a cell rests on, or None when there is no such cell."""
        sort, _, rest = ref.partition(":")
        makers: dict[str, Callable[[str], Answer | None]] = {
            "link": self._link,
            "amount": self._amount,
            "finding": self._finding,
            "party": self._party,
            "rating": self._rating,
            "settlement": self._settlement,
            "vqi": self._vqi,
            "trade": self._trade,
            "dossier": self._dossier,
            "source": self._source,
        }
        answer = makers[sort](rest) if sort in makers else None
        answer = answer or self._record(ref)
        if answer is None:
            return None
        value, rule, decided, rests = answer
        return Cell(
            ref=ref, value=value, rule=rule, version=decided, rests=tuple(rests)[:RESTS_MAX]
        )

    # One method a sort of cell.

    def _record(self, name: str) -> Answer | None:
        found = self._origins.named(name)
        if not found:
            return None
        rests = [Rest(ref=one.ref, how="the record itself", origin=one) for one in found]
        return name, f"profile {found[0].profile}", found[0].version, rests

    def _link(self, rest: str) -> Answer | None:
        vin, _, record = rest.partition("/")
        kind, _, key = record.partition("/")
        same = _is("vin", vin) & _is("kind", kind) & _is("record", key)
        rows = rows_of(self._home, "links", same)
        if not rows:
            return None
        told = f"{rows[0]['probability']:.4f}: {rows[0]['reasons']}"
        names = (f"vehicle:{vin}", f"{kind}:{key}")
        return told, "evidence.linkage.match", self._program, self._named(names, "compared")

    def _amount(self, rest: str) -> Answer | None:
        payment_id, _, vin = rest.partition("/")
        parts = [one for one in self._origins.payment(payment_id) if vin in ("", one.vin)]
        if not parts:
            return None
        total = sum(one.amount_minor for one in parts)
        names = [payment_id, *(one.contract_no or one.item or "" for one in parts)]
        sold = _is("vin", vin) & _is("kind", "contract_line")
        names += [f"contract_line:{row['record']}" for row in rows_of(self._home, "links", sold)]
        told = f"{total / 100:,.2f} {parts[0].currency or ''}: " + ", ".join(
            dict.fromkeys(f"{one.what} {one.item or ''}".strip() for one in parts)
        )
        rule = "evidence.linkage.allocations"
        if any(origin.ref.startswith("fund_flow:") for origin in self._origins.named(payment_id)):
            rule = "evidence.trade.freight.applying"
        return told, rule, self._program, self._named(dict.fromkeys(names), "settles")

    def _finding(self, rest: str) -> Answer | None:
        rows = rows_of(self._home, "findings", _is("id", rest))
        if not rows:
            return None
        records = _texts(rows[0]["records"])
        rests = self._named(records, "named by the finding")
        return str(rows[0]["text"]), f"finding {rows[0]['kind']}", self._program, rests

    def _party(self, mention: str) -> Answer | None:
        own = rows_of(self._home, "parties", _is("mention", mention))
        if not own:
            return None
        same = rows_of(self._home, "parties", _is("cluster", own[0]["cluster"]))
        mentions = sorted(str(row["mention"]) for row in same)
        told = f"cluster {own[0]['cluster']}, {len(mentions)} mentions"
        rests = self._named((_renamed(one) for one in mentions), "the same firm")
        return told, "evidence.linkage.parties", self._program, rests

    def _rating(self, rest: str) -> Answer | None:
        role, _, who = rest.partition(":")
        subject, _, indicator = who.rpartition("/")
        for history in histories_of(self._home, role, who):
            for rated in rate(history):
                rests = (
                    Rest(
                        ref=f"rating:{rest}/{one.name}",
                        how=f"{one.points} of 10 points, weight {one.weight}",
                        origin=None,
                    )
                    for one in rated.indicators
                )
                return f"{rated.grade} {rated.score}", "credit.rating", rated.card, rests
        for history in histories_of(self._home, role, subject):
            (mine,) = rate(history) or (None,)
            if mine and indicator in {one.name for one in mine.indicators}:
                rows = lineage_of(history, indicator, subject=subject, role=role)
                places = places_of(history)
                rests = (
                    rest
                    for record, part, whole in rows.head(RESTS_MAX).iter_rows()
                    for rest in self._shared(record, places, f"{part} of {whole}")
                )
                return indicator, f"credit.indicators {indicator}", mine.card, rests
        return None

    def _settlement(self, rest: str) -> Answer | None:
        role, _, subject = rest.partition(":")
        for history in histories_of(self._home, role, subject):
            rows = history.dues if not history.dues.is_empty() else history.trades
            name = "due" if "due" in rows.columns else "trade"
            places = places_of(history)
            rests = (
                rest
                for record, amount in rows.select(name, "amount_minor").iter_rows()
                for rest in self._shared(record, places, f"{(amount or 0) / 100:,.2f}")
            )
            return f"{rows.height} {name}s", "evidence.trade", self._program, rests
        return None

    def _vqi(self, vin: str) -> Answer | None:
        mine = _is("vin", vin) & _is("kind", "inspection") & (pl.col("probability") >= SURE)
        reports = sorted(str(row["record"]) for row in rows_of(self._home, "links", mine))
        named = pl.col("report_no").is_in(reports) if vin != FLEET else pl.lit(value=True)
        rows = rows_of(self._home, "inspections", named)
        found: list[Rest] = []
        indices = []
        for row in rows:
            items = {name: _decimal(row[name]) for name in INSPECTION_ITEMS}
            index = vqi.index(items)
            if index is not None:
                indices.append(index)
                text = "; ".join(part.sentence() for part in vqi.explained(items))
                if len(found) >= RESTS_MAX:
                    continue  # It counts in the mean, and is not told.
                how = f"{index / vqi.POINT:.2f} = {text}"
                found += self._named([f"inspection:{row['report_no']}"], how)
        combined = vqi.combined(indices)
        if combined is None:
            return None
        return combined.sentence(), "evidence.dossiers.vqi", self._program, found

    def _trade(self, rest: str) -> Answer | None:
        rows = rows_of(self._home, "trades", _is("id", rest))
        if not rows:
            return None
        told = f"{rows[0]['status']}: {rows[0]['reasons']}"
        rests = self._named([rest, *_texts(rows[0]["records"])], "compared")
        return told, "evidence.trade", self._program, rests

    def _dossier(self, vin: str) -> Answer | None:
        rows = rows_of(self._home, "links", _is("vin", vin))
        rests = (
            Rest(
                ref=f"link:{vin}/{row['kind']}/{row['record']}",
                how=f"{row['probability']:.4f}: {row['reasons']}",
                origin=next(iter(self._origins.named(f"{row['kind']}:{row['record']}")), None),
            )
            for row in rows
        )
        return (vin, "evidence.dossiers.criteria", self._program, rests) if rows else None

    def _source(self, source: str) -> Answer | None:
        rows = rows_of(self._home, "files", _is("source", source))
        last = self._origins.history(source)
        if not rows:
            return None
        rests = (
            Rest(
                ref=str(row["file"]),
                how=f"{row['rows']} rows, {row['good']} good, {row['quarantined']} set aside",
                origin=None,
            )
            for row in rows
        )
        told = f"{last[0].rows} rows, {last[0].findings} findings" if last else source
        return told, "evidence.quality", last[0].version if last else self._program, rests

    # Behind the answers.

    def _named(self, names: Iterable[str], how: str) -> list[Rest]:
        """Return what each name means; what means nothing stands for itself."""
        found: list[Rest] = []
        for name in names:
            if name:
                origins = self._origins.named(name)
                found += [Rest(ref=one.ref, how=how, origin=one) for one in origins]
                found += [] if origins else [Rest(ref=name, how=how, origin=None)]
        return found

    def _shared(self, record: str, places: dict[str, list[str]], how: str) -> Iterator[Rest]:
        """Yield where what an indicator counts stands, by its places, else by its name."""
        some = list(dict.fromkeys(places.get(record) or [record]))
        yield from self._named(some[:RECORDS_MAX], f"{record}: {how}")


def _is(name: str, value: object) -> pl.Expr:
    return pl.col(name) == pl.lit(value)


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def _decimal(value: object) -> Decimal | None:
    return value if isinstance(value, Decimal) else None


def _renamed(mention: str) -> str:
    """Return the record that a mention stands in."""
    kind, _, key = mention.partition(":")
    return f"{REGISTERED.get(kind, kind)}:{key}"
