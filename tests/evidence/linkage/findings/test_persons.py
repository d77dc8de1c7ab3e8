"""Findings on persons: buyers on a watch list, and people who only share a name with it.

Goal: a listed buyer is found by number or by name and country. Method: the list is changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Rows = dict[str, list[dict[str, Any]]]
Said = Callable[[Rows, str], list[list[str]]]


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "BARAKA SOKOL", "country": "UZ"},
        {"name": "X", "name_cyrillic": "БАРАКА СОКОЛ", "country": "UZ"},
        {"name": "ANOTHER NAME", "country": "AE", "tax_no": "770000"},
    ],
)
def test_a_listed_buyer(entry: dict[str, str], trade: Rows, said: Said) -> None:
    """Whole name and country, in either script, or the tax number."""
    trade["watch_entry"].append({"list_no": "WL-2", **entry})
    assert said(trade, "sanctioned_party") == [[trade["contract"][0]["contract_no"], "B0"]]


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "BARAKA SOKOL", "country": "KP"},
        {"name": "BARAKA", "country": "UZ"},
        {"name": "SOKOL B.A.", "country": "UZ"},
        {"name": "OTHER", "country": "UZ", "tax_no": "999"},
    ],
)
def test_a_namesake(entry: dict[str, str], trade: Rows, said: Said) -> None:
    """Elsewhere, half the name, or only initials."""
    trade["watch_entry"].append({"list_no": "WL-2", **entry})
    assert said(trade, "sanctioned_party") == []
