"""What is odd about a single vehicle (车辆数据): its number, its year, its inspection.

Most of it is possible: a wrong check digit is a finding, never a reason to refuse a vehicle. Only a
score that is not the mean of its items contradicts itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from tallyport.evidence import vin
from tallyport.evidence.quality.model import Check, Level, Tables, number, told
from tallyport.evidence.sources.vocabulary import INSPECTION_ITEMS

YEARS_APART_MAX = 1  # A car of one model year may be built, and called, a year earlier.
WMI_LENGTH = 3  # World manufacturer identifier, ISO 3780.
MAKER_SHARE_MIN = 0.75  # Of the vehicles of a brand; where several factories build it, none counts.
MAKER_SEEN_MIN = 5  # Fewer vehicles of a brand show no habit.
SCORE_MAX = 100  # By XJ/T 302-2024 every item has 0 to 100 points.
HALF_PLACE = Decimal("0.051")  # A score is rounded to one place.


def _doubtful_numbers(tables: Tables) -> pl.DataFrame:
    doubts = tables["vehicle"].with_columns(vin.doubt(pl.col("vin")).alias("doubt"))
    wrong = doubts.filter(pl.col("doubt").is_not_null())
    return told(
        wrong,
        key="vin",
        field="vin",
        expected=pl.lit("a number as ISO 3779 and GB 16735 say"),
        came=pl.col("doubt"),
    )


def _other_year(tables: Tables) -> pl.DataFrame:
    """Find vehicles whose number stands for another model year than the record has."""
    table = tables["vehicle"].filter(pl.col("model_year").is_not_null())
    years = pl.Series(
        "said",
        [
            vin.model_year(number_, latest=year + YEARS_APART_MAX)
            for number_, year in table.select("vin", "model_year").iter_rows()
        ],
        dtype=pl.Int64,
    )
    far = (pl.col("said") - pl.col("model_year")).abs() > YEARS_APART_MAX
    return told(
        table.with_columns(years).filter(far),
        key="vin",
        field="model_year",
        expected=pl.col("said"),
        came=pl.col("model_year"),
    )


def _other_maker(tables: Tables) -> pl.DataFrame:
    """Find vehicles whose number is of another maker than those of their brand are.

    Which maker builds a brand is learnt from the table: 奥迪 of one factory has numbers of another.
    """
    makers = (
        pl.col("vin")
        .str.slice(0, WMI_LENGTH)
        .replace_strict(vin.MAKERS, default=None, return_dtype=pl.String)
    )
    named = tables["vehicle"].with_columns(maker=makers)
    known = named.filter(pl.col("maker").is_not_null() & pl.col("brand").is_not_null())
    usual = (
        known.group_by("brand", "maker")
        .len()
        .with_columns(share=pl.col("len") / pl.col("len").sum().over("brand"))
        .filter((pl.col("share") >= MAKER_SHARE_MIN) & (pl.col("len") >= MAKER_SEEN_MIN))
        .select("brand", usual="maker")
    )
    far = known.join(usual, on="brand", maintain_order="left").filter(
        pl.col("maker") != pl.col("usual")
    )
    return told(
        far,
        key="vin",
        field="brand",
        expected=pl.format("a number of {}, as other {} have", "usual", "brand"),
        came=pl.format("one of {}", "maker"),
    )


def _wrong_score(tables: Tables) -> pl.DataFrame:
    mean = pl.mean_horizontal(INSPECTION_ITEMS)
    gap = (pl.col("score").cast(pl.Float64) - mean.cast(pl.Float64)).abs()
    whole = pl.all_horizontal(pl.col(name).is_not_null() for name in INSPECTION_ITEMS)
    wrong = tables["inspection"].filter(whole, gap > float(HALF_PLACE))
    return told(
        wrong,
        key="report_no",
        field="score",
        expected=mean.round(1),
        came=number(pl.col("score")),
    )


def _high_score(tables: Tables) -> pl.DataFrame:
    highest = pl.max_horizontal(*INSPECTION_ITEMS, "score")
    return told(
        tables["inspection"].filter(highest > SCORE_MAX),
        key="report_no",
        field="score",
        expected=pl.lit(f"0 to {SCORE_MAX} points"),
        came=number(highest),
    )


CHECKS: Sequence[Check] = (
    Check(
        rule="vehicle_number_is_doubtful",
        level=Level.DOUBT,
        kind="vehicle",
        zh="车架号存疑",
        en="the vehicle number is not as the standards say",
        find=_doubtful_numbers,
    ),
    Check(
        rule="model_year_is_not_that_of_the_number",
        level=Level.DOUBT,
        kind="vehicle",
        zh="年款与车架号不符",
        en="the number stands for another model year",
        find=_other_year,
    ),
    Check(
        rule="maker_is_not_that_of_the_brand",
        level=Level.DOUBT,
        kind="vehicle",
        zh="制造厂识别代号与品牌不符",
        en="the number is of another maker than those of its brand",
        find=_other_maker,
    ),
    Check(
        rule="score_is_not_the_mean_of_its_items",
        level=Level.CONTRADICTION,
        kind="inspection",
        zh="综合评分不等于各项均值",
        en="the score of the inspection is not the mean of its items",
        find=_wrong_score,
    ),
    Check(
        rule="score_is_above_its_scale",
        level=Level.CONTRADICTION,
        kind="inspection",
        zh="评分超出量程",
        en="an item of the inspection has more than 100 points",
        find=_high_score,
    ),
)
