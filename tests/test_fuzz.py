"""Every reader keeps its promise on bytes of anybody.

Goal: only the outcomes that a reader's docstring names, whatever comes. Method: the targets and
seeds of `support.fuzz`, which `make fuzz` grows guided by coverage, are tried here as they are and
changed a few times each, by a rule that needs nothing installed; what `make fuzz` found once stands
beside the reader's other tests.
"""

from __future__ import annotations

import random

import pytest

from support.fuzz.seeds import seeds
from support.fuzz.targets import PART, TARGETS

SLOW = {"draft": 2, "csv": 8, "xlsx": 8, "xml": 8, "camt": 8, "cells": 6}
CHANGED = 40  # Inputs for each of the other targets.
PIECES = (
    b"\0", b"\xff", b"\xef\xbb\xbf", b"<", b">", b"&", b'"', b"'", b",", b";", b"\r", b"\n",
    b"-1", b"1e99", b"0", b"9" * 30, b"NaN", b"]]>", b"<!ENTITY", b"../", PART,
    "\N{RIGHT-TO-LEFT OVERRIDE}".encode(), "年".encode("gb18030"),
)  # fmt: skip


def changed(seed: bytes, other: bytes, chance: random.Random) -> bytes:
    """Return the seed with a few pieces put in, taken out, doubled, flipped or crossed over."""
    data = bytearray(seed)
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(data))
        end = min(len(data), at + chance.choice((1, 4, 50)))
        match chance.randrange(5):
            case 0:
                data[at:at] = chance.choice(PIECES)
            case 1:
                del data[at:end]
            case 2:
                data[at:at] = data[at:end]
            case 3:
                data[at:end] = bytes(byte ^ 1 << chance.randrange(8) for byte in data[at:end])
            case _:
                start = chance.randint(0, len(other))
                data[at:end] = other[start : start + 50]
    return bytes(data)


@pytest.mark.parametrize("name", [name for name in TARGETS if name != "picture"])
def test_good_input_is_read(name: str) -> None:
    """The seeds are what they should be: nothing that was not promised."""
    for seed in seeds(name)[:: 4 if name in SLOW else 1]:
        TARGETS[name](seed)


@pytest.mark.parametrize("name", [name for name in TARGETS if name != "picture"])
def test_changed_input_is_read_or_refused(name: str) -> None:
    """The same few bad inputs in every run."""
    chance = random.Random(name)  # noqa: S311 - The same in every run.
    held = seeds(name)
    for _ in range(SLOW.get(name, CHANGED)):
        TARGETS[name](changed(chance.choice(held), chance.choice(held), chance))


@pytest.mark.debian
def test_changed_pictures_are_seen_or_refused() -> None:
    """PDF and PNG, in the bounded process."""
    chance = random.Random(1)  # noqa: S311 - The same in every run.
    for seed in seeds("picture"):
        for content in (seed, *(changed(seed, seed, chance) for _ in range(3))):
            TARGETS["picture"](content)
