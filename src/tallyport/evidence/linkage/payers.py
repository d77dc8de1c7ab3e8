"""Payers (付款人): under which agreement a buyer's payment came.

The account tells the seller. For an agreement of that seller speak

    cited      the number in the remittance: exact, number only, one edit away; or another's number
    day        a date in the text that is the day of signing; or another day
    vehicles   the ends of VINs in the text, sold under it
    name       the payer is its buyer, or was authorised by it, or is the buyer of other agreements
    amount     the sum is an instalment of it, or fits into it, or exceeds it
    currency   the payer instructed, or the account holds, the agreement's currency

Buyers cite old agreements by mistake; then amount and day speak against the number.
"""

from __future__ import annotations

import polars as pl

from tallyport.evidence.linkage.buyers import AUTHORISED, BUYER
from tallyport.evidence.linkage.contract_text import Cited
from tallyport.evidence.linkage.decided import beliefs, held, right, without_wrong
from tallyport.evidence.linkage.fold import folded
from tallyport.evidence.linkage.groups import numbered
from tallyport.evidence.linkage.mentions import Mentions
from tallyport.evidence.linkage.receipts import usual_charges, worth
from tallyport.evidence.linkage.records import Records
from tallyport.evidence.linkage.weights import Floats, compete, estimate

KEY = ["entry_no", "contract_no"]
BEFORE_SIGNING_DAYS = 3
AFTER_SIGNING_DAYS = 400
RATE_TOLERANCE = 0.02
OPEN_MAX = 5.0  # Log odds below the best at which an agreement is out of the question.
OFFERS_MAX = 8  # More agreements of one buyer are seldom open at once.
SURE = 0.95
ON_DAY_MAX = 20  # A day on which a seller signed more agreements is a hint only beside others.
COST_DIGITS = 2  # A weight that moves by less changes no story: see `memory`.
ALL = 0.99  # Of the vehicles that the text names.
DATE = r"\b(\d{1,2})[./](\d{1,2})[./](20\d{2})\b"


def payers(
    records: Records,
    found: Mentions,
    *,
    paid: pl.DataFrame,
    sales: pl.DataFrame,
    names: pl.DataFrame,
    asked: pl.DataFrame,
    decided: pl.DataFrame,
) -> pl.DataFrame:
    """Score payments with the names known, learn from them who pays for whom, score again."""
    first = _scored(
        records, found, paid=paid, sales=sales, names=names, asked=asked, decided=decided
    )
    learnt = pl.concat([names, _learnt(first, paid, names)])
    learnt = learnt.group_by("contract_no", "alias", maintain_order=True).agg(
        pl.col("standing").max()
    )
    return _scored(
        records, found, paid=paid, sales=sales, names=learnt, asked=asked, decided=decided
    )


def _learnt(pairs: pl.DataFrame, paid: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Who paid for a buyer under a number cited in full may have paid its other agreements too."""
    sure = pairs.filter(
        (pl.col("probability") > SURE) & (pl.col("cited_level") == Cited.EXACT + 1)
    ).select("entry_no", "contract_no")
    own = names.filter(pl.col("standing") == BUYER).select("contract_no", buyer="alias")
    return (
        sure.join(paid.select("entry_no", "alias"), on="entry_no")
        .join(own, on="contract_no")
        .select("alias", "buyer")
        .unique(maintain_order=True)
        .join(own.rename({"contract_no": "other"}), on="buyer")
        .select(contract_no="other", alias="alias", standing=pl.lit(AUTHORISED))
        .unique(maintain_order=True)
        .filter(pl.col("alias").is_not_null())
    )


def _scored(
    records: Records,
    found: Mentions,
    *,
    paid: pl.DataFrame,
    sales: pl.DataFrame,
    names: pl.DataFrame,
    asked: pl.DataFrame,
    decided: pl.DataFrame,
) -> pl.DataFrame:
    """Return every plausible (entry_no, contract_no) with `probability`, worth and levels.

    `names` has `contract_no`, `alias`, `standing` (2 buyer, 1 authorised payer) and `asked` the
    instalments; `decided` has what people said of these pairs, and wrong ones are left out.
    """
    ids = paid.select("entry_no")
    days = _days(paid)
    sides = {
        "cited": found.payment_cites.join(ids, on="entry_no", how="semi"),
        "vehicles": _by_vehicles(found, sales, ids),
        "name": _by_name(records, paid, names),
    }
    spoken = {name: side["entry_no"].unique().implode() for name, side in sides.items()}
    known = pl.col("alias").is_in(names["alias"].unique().implode())
    spoken["name"] = paid.filter(known)["entry_no"].implode()
    spoken["day"] = days["entry_no"].unique().implode()
    theirs = right(decided).join(ids, on="entry_no", how="semi")
    on_days = _on_days(days, records)
    candidates = [*sides.values(), on_days, _by_amount(records, paid, asked), theirs]
    pairs = _plausible(
        pl.concat([side.select(KEY) for side in candidates]).unique(maintain_order=True),
        records,
        paid,
    )
    pairs = worth(pairs, records, paid).filter(pl.col("how") != "foreign")
    features = pairs.join(
        _amount_levels(pairs, asked, paid), on=KEY, how="left", maintain_order="left"
    )
    for side in sides.values():
        features = features.join(side, on=KEY, how="left", maintain_order="left")
    features = _dated(features, days, records)
    levels = _levels(features, spoken)
    groups = numbered(features, ["entry_no"])
    told = beliefs(features, decided)
    guess = _first_guess(features)
    silent = [levels.columns.index(name) for name in spoken]
    matrix = levels.cast(pl.Int64).to_numpy()
    log_odds = held(estimate(matrix, guess, groups, told, silent=silent), told)
    levels.columns = [f"{name}_level" for name in levels.columns]
    scored = pl.concat([features.select(pairs.columns), levels], how="horizontal").with_columns(
        probability=pl.Series(compete(log_odds, groups)), log_odds=pl.Series(log_odds)
    )
    return without_wrong(scored, told)


def _plausible(pairs: pl.DataFrame, records: Records, paid: pl.DataFrame) -> pl.DataFrame:
    """Keep pairs of one seller where the payment comes after the signing."""
    own = records["contract"].select("contract_no", "signed_on", seller="prefix")
    after = (pl.col("booked_on") - pl.col("signed_on")).dt.total_days()
    return (
        pairs.join(
            paid.select("entry_no", "prefix", "booked_on"), on="entry_no", maintain_order="left"
        )
        .join(own, on="contract_no", maintain_order="left")
        .filter(
            (pl.col("prefix") == pl.col("seller")).fill_null(value=True)
            & after.is_between(-BEFORE_SIGNING_DAYS, AFTER_SIGNING_DAYS).fill_null(value=True)
        )
        .select(KEY)
    )


def _levels(features: pl.DataFrame, spoken: dict[str, pl.Series]) -> pl.DataFrame:
    """Return the level of each comparison; 1 where the payment speaks for another agreement."""
    said = {name: pl.col("entry_no").is_in(ids).cast(pl.Int32) for name, ids in spoken.items()}
    return features.select(
        cited=pl.coalesce(pl.col("cited") + 1, said["cited"]),
        day=pl.when("dated").then(2).otherwise(said["day"]),
        vehicles=pl.when(pl.col("vehicle_share") > ALL)
        .then(3)
        .when(pl.col("vehicle_share").is_not_null())
        .then(2)
        .otherwise(said["vehicles"]),
        name=pl.coalesce(pl.col("standing") + 1, said["name"]),
        amount=pl.col("amount_level").fill_null(0),
        currency=pl.when(pl.col("instructed_currency") == pl.col("owed_in"))
        .then(2)
        .otherwise((pl.col("currency") == pl.col("owed_in")).cast(pl.Int32)),
    )


def _first_guess(features: pl.DataFrame) -> Floats:
    """A number cited in full is right for most, all the more if the payer is the buyer."""
    exact = pl.col("cited") == Cited.EXACT
    guess = features.select(
        pl.when(exact & (pl.col("standing") == BUYER))
        .then(0.95)
        .when(exact)
        .then(0.7)
        .otherwise(0.05)
    )
    return guess.to_series().to_numpy()


def _days(receipts: pl.DataFrame) -> pl.DataFrame:
    """Return `entry_no`, `prefix`, `day` for a date written in the text, day first."""
    parts = pl.col("text").str.extract_groups(DATE)
    return (
        receipts.select("entry_no", "prefix", text=folded(pl.col("remittance")))
        .with_columns(
            day=pl.concat_str(
                parts.struct[2], parts.struct[1].str.zfill(2), parts.struct[0].str.zfill(2)
            ).str.to_date("%Y%m%d", strict=False)
        )
        .filter(pl.col("day").is_not_null())
        .drop("text")
    )


def _on_days(days: pl.DataFrame, records: Records) -> pl.DataFrame:
    """Return pairs of one seller where the day in the text is one of few signings."""
    signed = records["contract"].select("contract_no", "prefix", day="signed_on")
    few = signed.unique(maintain_order=True).filter(pl.len().over("prefix", "day") <= ON_DAY_MAX)
    return days.join(few, on=["prefix", "day"]).select(KEY).unique(maintain_order=True)


def _dated(pairs: pl.DataFrame, days: pl.DataFrame, records: Records) -> pl.DataFrame:
    """Add `dated`: the day in the text is the one on which the seller signed the agreement."""
    signed = records["contract"].select("contract_no", seller="prefix", signed="signed_on")
    return (
        pairs.join(days, on="entry_no", how="left", maintain_order="left")
        .join(signed, on="contract_no", how="left", maintain_order="left")
        .with_columns(
            dated=(pl.col("day") == pl.col("signed")) & (pl.col("prefix") == pl.col("seller"))
        )
        .drop("day", "prefix", "signed", "seller")
    )


def _by_vehicles(found: Mentions, sales: pl.DataFrame, ids: pl.DataFrame) -> pl.DataFrame:
    """Return the share of the named numbers that a vehicle of the agreement ends with."""
    named = found.in_payment.join(ids, on="entry_no", how="semi")
    total = named.group_by("entry_no").agg(total=pl.col("token").n_unique())
    return (
        named.join(sales.select("vin", "contract_no"), on="vin")
        .group_by(KEY, maintain_order=True)
        .agg(n=pl.col("token").n_unique())
        .join(total, on="entry_no", maintain_order="left")
        .select(*KEY, vehicle_share=pl.col("n") / pl.col("total"))
    )


def _by_name(records: Records, paid: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Return the highest standing of the payer's name for each agreement of the seller.

    Who has many names has them at many sellers; so both are joined at once where both are known.
    """
    sellers = records["contract"].select("contract_no", seller="prefix")
    borne = names.join(sellers, on="contract_no")
    bears = paid.select("entry_no", "alias", "prefix")
    of_seller, of_any = pl.col("seller").is_not_null(), pl.col("prefix").is_null()
    sides = [
        bears.join(borne, left_on=["alias", "prefix"], right_on=["alias", "seller"]),
        bears.filter(of_any).join(borne, on="alias"),
        bears.filter(~of_any).join(borne.filter(~of_seller), on="alias"),
    ]
    pairs = pl.concat([side.select(*KEY, "standing") for side in sides])
    return pairs.group_by(KEY, maintain_order=True).agg(pl.col("standing").max())


def _by_amount(records: Records, paid: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """Return pairs where the gross (or the net with a usual charge) is exactly an instalment."""
    own = records["contract"].select("contract_no", "prefix", owed_in="currency")
    wanted = asked.select("contract_no", "amount_minor").join(own, on="contract_no")
    told = paid.filter(pl.col("instructed_minor").is_not_null()).select(
        "entry_no", "prefix", owed_in="instructed_currency", amount_minor="instructed_minor"
    )
    silent = paid.filter(pl.col("instructed_minor").is_null()).select(
        "entry_no", "prefix", owed_in="currency", amount_minor="net_minor"
    )
    return (
        pl.concat([told, silent])
        .join(wanted, on=["prefix", "owed_in", "amount_minor"])
        .select(KEY)
        .unique(maintain_order=True)
    )


def _amount_levels(pairs: pl.DataFrame, asked: pl.DataFrame, paid: pl.DataFrame) -> pl.DataFrame:
    """4: an instalment to the cent; 3: but for charges; 2: fits in; 1: in all; 0: too much."""
    charges = {currency: {0, *values} for currency, values in usual_charges(paid).items()}
    total = asked.group_by("contract_no").agg(all_minor=pl.col("amount_minor").sum())
    joined = (
        pairs.select(*KEY, "gross_minor", "how", "currency")
        .join(asked.select("contract_no", "amount_minor"), on="contract_no", how="left")
        .join(total, on="contract_no", how="left")
        .with_columns(missing=pl.col("amount_minor") - pl.col("gross_minor"))
    )
    usual = pl.DataFrame(
        [(currency, value) for currency, values in charges.items() for value in sorted(values)],
        schema={"currency": pl.String, "missing": pl.Int64},
        orient="row",
    ).with_columns(usual=pl.lit(value=True))
    joined = joined.join(usual, on=["currency", "missing"], how="left")
    near_rate = pl.col("missing").abs() <= RATE_TOLERANCE * pl.col("amount_minor")
    return joined.group_by(KEY, maintain_order=True).agg(
        amount_level=pl.when((pl.col("missing") == 0) & (pl.col("how") != "rate"))
        .then(4)
        .when(
            (pl.col("usual").fill_null(value=False) & (pl.col("how") == "net"))
            | (near_rate & (pl.col("how") == "rate"))
        )
        .then(3)
        .when(pl.col("missing") >= 0)
        .then(2)
        .when(pl.col("gross_minor") <= 1.03 * pl.col("all_minor"))
        .then(1)
        .otherwise(0)
        .max()
    )


def offers(pairs: pl.DataFrame, paid: pl.DataFrame, references: pl.DataFrame) -> pl.DataFrame:
    """Return for each payment the agreements it may have come under, with their `cost`.

    Mostly one. The others stay in while they are not much less probable: which instalments are
    still open may speak for them. Of several numbers in a text each names an agreement: the best
    of each stay, at no cost. With the text's hints, for the solver.
    """
    open_ = pairs.join(_listed(pairs, references), on=KEY, how="left", maintain_order="left")
    cost = pl.coalesce("aside", pl.col("log_odds").max().over("entry_no") - pl.col("log_odds"))
    open_ = open_.with_columns(cost=cost.round(COST_DIGITS), several=pl.col("aside").is_not_null())
    kept = open_.filter(pl.col("cost") < OPEN_MAX).sort(
        "entry_no", "cost", "contract_no", maintain_order=True
    )
    kept = kept.filter(pl.int_range(pl.len()).over("entry_no") < OFFERS_MAX).drop("aside")
    hints = paid.select("entry_no", "remittance", "deposit", "balance", "full")
    return kept.join(hints, on="entry_no", how="left", maintain_order="left")


def named(found: Mentions, sales: pl.DataFrame) -> pl.DataFrame:
    """Return `entry_no`, `reference`, `contract_no`: what each number in a text may stand for.

    A number is that of an agreement, or of a vehicle that was sold under it.
    """
    vehicles = found.in_payment.join(sales.select("vin", "contract_no"), on="vin").select(
        "entry_no", "contract_no", reference="token"
    )
    columns = ["entry_no", "reference", "contract_no"]
    both = [found.payment_references.select(columns), vehicles.select(columns)]
    return pl.concat(both).unique(maintain_order=True)


def _listed(pairs: pl.DataFrame, references: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs of a text whose numbers name several agreements.

    `aside` is how much less probable a pair is than the best one of the same number.
    """
    among = references.join(pairs.select(*KEY, "log_odds"), on=KEY)
    least = pl.col("log_odds").max().over("entry_no", "reference") - pl.col("log_odds")
    listed = among.with_columns(aside=least).group_by(KEY, maintain_order=True)
    return listed.agg(pl.col("aside").min()).filter(
        (pl.col("aside") == 0).sum().over("entry_no") > 1
    )
