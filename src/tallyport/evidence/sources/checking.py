"""Check a marked YAML text part by part, and collect every mistake (逐项检查).

A part with a mistake is still built, from a default, so that the parts behind it are checked too;
who collected a mistake must not use what was built.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from tallyport.evidence.sources.marks import Marked


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing to correct in a profile."""

    line: int
    place: str
    expected: str
    came: str
    remedy: str

    def sentence(self) -> str:
        """Return the mistake as a user reads it."""
        return (
            f"line {self.line}: {self.place}: expected {self.expected}, came {self.came};"
            f" {self.remedy}"
        )


@dataclass(frozen=True, slots=True)
class Checking:
    """Reads values out of marked YAML; what is not as it should be goes to `mistakes`."""

    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(self, at: Marked, place: str, *, expected: str, came: str, remedy: str) -> None:
        """Note a mistake."""
        self.mistakes.append(
            Mistake(line=at.line, place=place, expected=expected, came=came, remedy=remedy)
        )

    def keys(self, at: Marked, place: str, allowed: Sequence[str]) -> Mapping[str, Marked]:
        """Return the entries of a mapping; a key that nobody reads is a rule nobody applies."""
        listed = ", ".join(allowed)
        if not isinstance(at.value, dict):
            self.wrong(
                at,
                place,
                expected=f"a mapping with {listed}",
                came=shown(at),
                remedy="indent its entries below it",
            )
        for name, value in at.entries():
            if name not in allowed:
                self.wrong(
                    value,
                    f"{place}.{name}",
                    expected=f"one of {listed}",
                    came=name,
                    remedy=_nearest(name, allowed, "remove it"),
                )
        self.doubles(at, place)
        return dict(at.entries())

    def doubles(self, at: Marked, place: str) -> None:
        """Note keys that stand twice: only one of the two would count."""
        for name, line in at.doubles:
            self.wrong(
                Marked(value=name, line=line),
                f"{place}.{name}",
                expected="each key once",
                came="it a second time",
                remedy="remove one of the two",
            )

    def needed(self, at: Marked, place: str, name: str) -> Marked | None:
        """Return the entry `name` of a mapping that must have it."""
        entry = dict(at.entries()).get(name)
        if entry is None and isinstance(at.value, dict):
            self.wrong(
                at, place, expected=f"an entry `{name}`", came="none", remedy=f"add `{name}:`"
            )
        return entry

    def text(self, at: Marked | None, place: str, default: str = "") -> str:
        """Return one text."""
        if at is None:
            return default
        text = at.text()
        if text is None:
            self.wrong(at, place, expected="a text", came=shown(at), remedy="write one value")
        return default if text is None else text

    def texts(self, at: Marked | None, place: str) -> tuple[str, ...]:
        """Return one text, or a list of them."""
        if at is None:
            return ()
        items = at.value if isinstance(at.value, list) else [at]
        return tuple(self.text(item, place) for item in items)

    def choice(self, at: Marked | None, place: str, of: Sequence[str], default: str) -> str:
        """Return one of the texts `of`."""
        text = self.text(at, place, default)
        if at is None or text in of:
            return text
        self.wrong(
            at,
            place,
            expected=f"one of {', '.join(of)}",
            came=text or "nothing",
            remedy=_nearest(text, of, "choose one of them"),
        )
        return default


def shown(at: Marked) -> str:
    """Return the value as a mistake names it."""
    match at.value:
        case dict():
            return f"a mapping of {len(at.value)}"
        case list():
            return f"a list of {len(at.value)}"
        case _:
            return at.value or "nothing"


def _nearest(text: str, of: Sequence[str], otherwise: str) -> str:
    near = get_close_matches(text, of, 1)
    return f"write {near[0]}" if near else otherwise
