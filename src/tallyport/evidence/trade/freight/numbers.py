"""Numbers in texts (单号识别): which hauls or bills a remittance or a bill line names.

    YD240301000123 运费              the whole number
    付000123,000124运费              only the ends, of hauls of this carrier
    YD24030100132                    one slip away from one haul of this carrier, and no other

Nothing is known about the form of numbers: whatever the platform's tables hold is looked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from rapidfuzz.distance import OSA

from tallyport.evidence.linkage.fold import DASHES, LOOK_ALIKES

DIGITS_MIN = 4  # Fewer are a day, an amount or a count.
SLIPS_MAX = 1  # Two slips make a number of another haul too often.
_TABLE = str.maketrans({**LOOK_ALIKES, **DASHES})
_WORD = re.compile(r"[A-Z0-9][A-Z0-9-]*")


def folded(text: str) -> str:
    """Return `text` in capital Latin letters, half width, with one kind of dash."""
    return unicodedata.normalize("NFKC", text).upper().translate(_TABLE)


def compact(text: str) -> str:
    """Return only the letters and digits of a number, folded."""
    return re.sub(r"[^A-Z0-9]", "", folded(text))


def words(text: str) -> list[str]:
    """Return what looks like a number, compact, in order."""
    found = (word.replace("-", "") for word in _WORD.findall(folded(text)))
    return [word for word in found if sum(sign.isdigit() for sign in word) >= DIGITS_MIN]


class Numbers:
    """All numbers of one sort of record."""

    def __init__(self, known: Iterable[str]) -> None:
        self._exact = {compact(number): number for number in known}

    def exact(self, word: str) -> str | None:
        """Return the number that `word` is, whoever's it is."""
        return self._exact.get(word)

    def named(self, word: str, among: Sequence[str]) -> list[str]:
        """Return the numbers that `word` may mean: itself; else by its end or a slip, of `among`.

        An empty answer says that it means none of them; several, that it cannot be told.
        """
        whole = self._exact.get(word)
        return [whole] if whole is not None else like(word, among)


def like(word: str, among: Sequence[str]) -> list[str]:
    """Return the numbers of `among` that end with `word`, else those one slip away."""
    short = {number: compact(number) for number in among}
    ends = [number for number, code in short.items() if code.endswith(word)]
    return ends or [
        number
        for number, code in short.items()
        if OSA.distance(word, code, score_cutoff=SLIPS_MAX) <= SLIPS_MAX
    ]
