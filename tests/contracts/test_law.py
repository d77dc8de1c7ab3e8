"""The law that contracts read: what they ask for is there (LAW-1).

Goal and method: a contract that asks for a rule or parameter that nobody wrote stops the node
instead of deciding by chance; forged questions are put.
"""

from __future__ import annotations

from datetime import date

import pytest

from tallyport.contracts.law import LAW, parameter
from tallyport.kernel.guard import InvariantError
from tallyport.ledger.state import Memory

DAY = date(2024, 4, 8)


@pytest.mark.parametrize("word", ["no_such_parameter", ""])
def test_a_parameter_that_nobody_wrote_stops_the_node(word: str) -> None:
    """Every rule of the law is asked for it."""
    for rule in LAW.lines:
        with pytest.raises(InvariantError, match="LAW-1"):
            parameter(Memory(), rule.id, word, DAY)


def test_a_rule_that_nobody_wrote_stops_the_node() -> None:
    """It has no line on any day."""
    with pytest.raises(InvariantError, match="LAW-1"):
        parameter(Memory(), "CN-NONE-1", "days_max", DAY)
