"""The first delivery of a record counts, and the later ones are told apart.

Goal: a table has no key twice, and no record is set aside for nothing. Method: random tables with
few keys and few contents; a loop over the rows, which shares no code with the joins, is the oracle.
"""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tallyport.evidence.sources import convert, duplicates
from tallyport.evidence.sources.vocabulary import KINDS

LISTED = KINDS["high_risk_country"]  # One key, one more field.
COUNT = KINDS["stock_count"]  # No key.
KEYED = st.lists(
    st.tuples(st.sampled_from("ABC"), st.sampled_from([None, "2024-01-01", "2024-01-02"]))
)
LOOSE = st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from([None, "X"])))


@given(rows=KEYED)
def test_the_first_of_a_key_counts(rows: list[tuple[str, str | None]]) -> None:
    """Equal content is a repeated row, other content a contradiction."""
    table = pl.DataFrame(
        [
            {"country": key, "since": value, "source": "s", "file": "f", "line": line}
            for line, (key, value) in enumerate(rows)
        ],
        schema={name: pl.String if name != "line" else pl.Int64 for name in convert.schema(LISTED)},
    ).with_columns(pl.col("since").str.to_date())

    kept, later = duplicates.split(table, LISTED)

    first: dict[str, str | None] = {}
    lines, told = [], []
    for line, (key, value) in enumerate(rows):
        if key not in first:
            first[key] = value
            lines.append(line)
        else:
            told.append((line, "duplicate_row" if value == first[key] else "duplicate_key"))
    assert kept["line"].to_list() == lines
    assert later.select("line", "rule").rows() == told
    assert kept.columns == list(convert.schema(LISTED))


@given(rows=LOOSE)
def test_without_a_key_only_equal_records_repeat(rows: list[tuple[str, str | None]]) -> None:
    """Two counts of one place differ by the vehicle; two equal lines are one line sent twice."""
    empty = pl.DataFrame(schema=convert.schema(COUNT))
    table = pl.concat(
        [
            empty,
            *(
                pl.DataFrame(
                    {"warehouse": [warehouse], "vin": [vin], "line": [line]},
                    schema_overrides={"vin": pl.String},
                )
                for line, (warehouse, vin) in enumerate(rows)
            ),
        ],
        how="diagonal",
    )

    kept, later = duplicates.split(table, COUNT)

    assert kept.select("warehouse", "vin").rows() == list(dict.fromkeys(rows))
    assert set(later["rule"]) <= {"duplicate_row"}
    assert len(kept) + len(later) == len(table)


def test_the_problem_names_the_first_delivery() -> None:
    """So that somebody can compare the two."""
    table = pl.DataFrame(
        {
            "country": ["IR", "IR"],
            "since": [None, None],
            "source": ["s", "s"],
            "file": ["a.csv", "b.csv"],
            "line": [2, 7],
        },
        schema_overrides={"since": pl.Date},
    )
    _, later = duplicates.split(table, LISTED)
    assert later.to_dicts() == [
        {
            "source": "s",
            "file": "b.csv",
            "line": 7,
            "field": "country",
            "rule": "duplicate_row",
            "severity": "row",
            "expected": "a key of its own",
            "came": "that of a.csv:2",
        }
    ]
