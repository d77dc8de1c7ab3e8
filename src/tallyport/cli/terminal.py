"""Long work on a terminal: a rule a step, a bar a part, tables in between."""

from __future__ import annotations

from collections.abc import Sequence

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from tallyport.cli.output import console, say, show


class Terminal:
    """Shows the demo on a terminal: a rule a step, a bar a part, tables in between."""

    def __init__(self) -> None:
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def step(self, number: int, title: str) -> None:
        """Begin a step."""
        self.rest()
        console.rule(f"[bold]{number}  {title}", align="left")

    def progress(self, what: str, done: int, of: int) -> None:
        """Move the bar of `what`."""
        if self._bars is None:
            self._bars = Progress(
                TextColumn("{task.description:32}"),
                BarColumn(),
                MofNCompleteColumn(),
                console=console,
            )
            self._bars.start()
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(what, total=of)
        self._bars.update(self._tasks[what], completed=done, total=of)

    def line(self, text: str) -> None:
        """Print a line."""
        self.rest()
        say(text)

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Print a table."""
        self.rest()
        show(title, columns, rows)

    def rest(self) -> None:
        """Let the bars stand as they are."""
        if self._bars is not None:
            self._bars.stop()
            self._bars, self._tasks = None, {}
