"""Reading order (阅读顺序): words with places become lines, top to bottom, left to right."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from tallyport.evidence.documents.model import Word

WORDS_MAX = 200_000  # A page full of small print has 2,000.
_SAME_LINE = 0.6  # Of a word's height: what stands nearer to the line's first word is beside it.

Line = tuple[Word, ...]


def lines(words: Sequence[Word]) -> list[Line]:
    """Return the words of all pages line by line."""
    found: list[list[Word]] = []
    for word in sorted(words[:WORDS_MAX], key=attrgetter("page", "top", "left")):
        if not word.text.strip():
            continue
        at = found[-1][0] if found else None
        if (
            at is not None
            and at.page == word.page
            and word.top - at.top < _SAME_LINE * max(min(at.height, word.height), 0.1)
        ):
            found[-1].append(word)
        else:
            found.append([word])
    return [tuple(sorted(line, key=attrgetter("left"))) for line in found]


def text(words: Sequence[Word]) -> str:
    """Return the words as lines of text."""
    return "\n".join(" ".join(word.text for word in line) for line in lines(words))
