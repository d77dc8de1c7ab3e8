"""How the command line speaks: tables and sentences on a terminal, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

_WIDE = 10_000  # Signs; wider than any table.

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def complain(error: Exception) -> None:
    """Say what went wrong; the exception's own words name what to do."""
    errors.print(f"[red]tallyport:[/red] {escape(str(error))}", soft_wrap=True)


def say(text: str) -> None:
    """Print a line."""
    console.print(text, soft_wrap=True)


def dump(value: Any) -> None:  # noqa: ANN401 - Whatever JSON can hold.
    """Print `value` as JSON."""
    console.print_json(json.dumps(value, ensure_ascii=False, default=str))


def show(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; columns that begin with `>` are numbers and stand to the right.

    What stands in it may come from anybody's file: brackets are brackets, never orders to us.
    Nothing is cut off: a terminal folds long cells, a pipe or a file gets lines as long as needed.
    """
    table = Table(title=escape(title), title_justify="left", header_style="bold", expand=False)
    for column in columns:
        justify: JustifyMethod = "right" if column[0] == ">" else "left"
        table.add_column(column.lstrip(">"), justify=justify, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    if console.is_terminal:
        console.print(table)
    else:
        wide = Console(file=console.file, width=_WIDE, highlight=False)
        wide.width = Measurement.get(wide, wide.options, table).maximum
        wide.print(table)
