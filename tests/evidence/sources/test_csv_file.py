"""Every line of a CSV file is read or quarantined, whatever stands in it.

Goal: nothing is lost and nothing is shifted, in files of any kind. Method: Python's csv module
writes tables with every odd cell and they must come back with their line; then single lines are
spoiled, and only they may be missing.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.evidence.sources import csv_file, encoding, raw
from tallyport.evidence.sources.profile import Form, Format
from tallyport.evidence.sources.raw import Broken, UnreadableError
from tallyport.evidence.sources.rules import Rule

CELLS = st.text(alphabet='ab1新Ж",;\n\r\t ', max_size=6)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=12)
UTF_8 = encoding.Found(name="utf-8")


def form(separator: str = ",", header: int = 1) -> Form:
    """Return the form of a CSV file."""
    return Form(glob="*", format=Format.CSV, separator=separator, header=header)


def read(
    path: Path, form_: Form | None = None, found: encoding.Found = UTF_8
) -> tuple[pl.DataFrame, list[Broken]]:
    """Return all rows of the file."""
    chunks = list(csv_file.chunks(path, form_ or form(), found))
    return pl.concat([chunk.frame for chunk in chunks]), [b for c in chunks for b in c.broken]


@pytest.fixture(scope="session")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file that each test writes anew."""
    return tmp_path_factory.mktemp("csv") / "file.csv"


@given(rows=ROWS, separator=st.sampled_from(",;\t|"), end=st.sampled_from(["\n", "\r\n"]))
def test_what_is_written_is_read(
    path: Path, rows: list[tuple[str, str, str]], separator: str, end: str
) -> None:
    """Quoted line ends, separators and quotation marks included, each row on its own line."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(["a", "b", "c"])
    lines = []
    for row in rows:
        lines.append(_line(out.getvalue()))
        writer.writerow(row)
    path.write_text(out.getvalue(), "utf-8", newline="")

    frame, broken = read(path, form(separator))

    filled = [(line, row) for line, row in zip(lines, rows, strict=True) if _is_filled(row)]
    assert not broken
    assert frame[raw.LINE].to_list() == [line for line, _ in filled]
    assert frame.drop(raw.LINE).rows() == [row for _, row in filled]


def _line(text: str) -> int:
    r"""Return the number of the line that comes behind `text`; \\r\\n, \\r and \\n end a line."""
    return text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1


def _is_filled(row: tuple[str, ...]) -> bool:
    return any(cell.strip() for cell in row)


SPOILED = ["1,2", "1,2,3,4", '1,"2,3', '"1"2,3,4', "x", '"', '1,"2""']


@given(
    before=st.integers(0, 5),
    behind=st.integers(0, 5),
    spoiled=st.lists(st.sampled_from(SPOILED), min_size=1, max_size=3),
    rows_a_block=st.integers(4, 9),
)
def test_only_the_spoiled_line_is_missing(
    path: Path, before: int, behind: int, spoiled: list[str], rows_a_block: int
) -> None:
    """An unclosed quotation mark cannot swallow the rest; every line is a row or broken."""
    good = [f"{number},b,c" for number in range(before + behind)]
    lines = ["a,b,c", *good[:before], *spoiled, *good[before:]]
    path.write_text("\n".join(lines) + "\n", "utf-8")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw, "ROWS_A_CHUNK", rows_a_block)
        patch.setattr(csv_file, "RECORD_LINES_MAX", 2)
        frame, broken = read(path)

    sound = {line: text.split(",") for line, text in enumerate(lines, 1) if text in good}
    read_rows = dict(zip(frame[raw.LINE], frame.drop(raw.LINE).rows(), strict=True))
    assert {line: list(row) for line, row in read_rows.items() if line in sound} == sound
    told = sorted([*read_rows, *(one.line for one in broken)])
    assert told == sorted(set(told)), "no line is told twice"
    if len(spoiled) == 1:  # Two may happen to make one good row.
        assert [one.line for one in broken] == [before + 2]


def test_small_blocks_read_as_one(path: Path) -> None:
    """A record that lies across two blocks is one record."""
    text = "a,b\n" + "".join(f'{number},"x\ny"\n' for number in range(9))
    path.write_text(text, "utf-8")
    whole, _ = read(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw, "ROWS_A_CHUNK", 5)
        patch.setattr(csv_file, "RECORD_LINES_MAX", 2)
        pieces, broken = read(path)
    assert not broken
    assert pieces.equals(whole)
    assert whole[raw.LINE].to_list() == list(range(2, 20, 2))


def test_two_open_marks_do_not_swallow_what_is_between(path: Path) -> None:
    """Together they look like one long cell; the rows between them are rows all the same."""
    path.write_text('a,b\n1,"x\n3,4\n5,6\ny"\n7,8\n1,"x\n3,4\ny",2\n', "utf-8")
    frame, broken = read(path)
    assert frame.filter(pl.col("a") == "7").height == 1
    assert frame["a"].to_list() == ["1", "7", "3", 'y"']
    assert [one.line for one in broken] == [7]


BROKEN = [
    ("1,2", Rule.ROW_RAGGED, "2 cells", {"a": "1", "b": "2"}),
    ("1,2,3,4", Rule.ROW_RAGGED, "4 cells", {"a": "1", "b": "2", "c": "3", "+1": "4"}),
    ('1,"2,3', Rule.ROW_BROKEN, '1,"2,3', {"a": '1,"2,3'}),
]


@pytest.mark.parametrize(("line", "rule", "came", "cells"), BROKEN)
def test_a_broken_row_says_what_came(
    path: Path, line: str, rule: Rule, came: str, cells: dict[str, str]
) -> None:
    """With its line, the rule, and the cells as far as they could be told apart."""
    path.write_text(f"a,b,c\n7,8,9\n{line}\n7,8,9\n", "utf-8")
    frame, broken = read(path)
    assert frame[raw.LINE].to_list() == [2, 4]
    assert [(one.line, one.rule, one.came, dict(one.raw)) for one in broken] == [
        (3, rule, came, cells)
    ]


def test_empty_lines_and_surplus_separators_are_no_rows(path: Path) -> None:
    """`,,` has no cell with anything in it; `1,2,3,,` has three."""
    path.write_text("a,b,c,,\n\n1,2,3,,\n,,\n , ,\n4,5,6\n   \n", "utf-8")
    frame, broken = read(path)
    assert not broken
    assert frame.columns == ["a", "b", "c", raw.LINE]
    assert frame[raw.LINE].to_list() == [3, 6]


def test_a_header_further_down(path: Path) -> None:
    """Some systems put a title above the table."""
    path.write_text("Report of 2024\n\na,b\n1,2\n", "utf-8")
    frame, _ = read(path, form(header=3))
    assert frame.rows() == [("1", "2", 4)]


def test_names_that_are_missing_or_double(path: Path) -> None:
    """Each column has a name of its own; a finding tells of doubles."""
    path.write_text("a,,a,a\n1,2,3,4\n", "utf-8")
    (chunk,) = csv_file.chunks(path, form(), UTF_8)
    assert chunk.frame.columns == ["a", "column 2", "a#2", "a#3", raw.LINE]
    assert [finding.rule for finding in chunk.findings] == [Rule.COLUMN_DOUBLE] * 2


def test_bytes_of_no_encoding_are_shown(path: Path) -> None:
    r"""The byte stands in the cell as �\\xff; the rest of the line is read."""
    path.write_bytes(b"a,b\nx\xffy,2\n")
    frame, _ = read(path, found=encoding.Found(name="utf-8", is_exact=False))
    assert frame.rows() == [("x\N{REPLACEMENT CHARACTER}\\xffy", "2", 2)]


@pytest.mark.parametrize("text", ["", "\n", ",,,\n1,2,3\n", '"a,b\n1,2'])
def test_a_file_without_a_header_is_refused(path: Path, text: str) -> None:
    """There is nothing to find columns by."""
    path.write_text(text, "utf-8")
    with pytest.raises(UnreadableError, match="a header"):
        read(path)


def test_too_many_columns_are_refused(path: Path) -> None:
    """A table with thousands of columns was read with the wrong separator."""
    path.write_text(",".join(f"c{number}" for number in range(raw.COLUMNS_MAX + 1)), "utf-8")
    with pytest.raises(UnreadableError, match=f"{raw.COLUMNS_MAX + 1} columns"):
        read(path)
