"""Signatures checked by processes: the same answers as here, whatever happens to the processes.

Goal: each signature gets its own answer, in order. Method: good and forged ones mixed at random;
few, many, several requests before the first answer; processes that die before and after a request.
"""

from __future__ import annotations

import io
import random
import signal
from collections.abc import Iterator

import pytest

from tallyport.adapters.ed25519 import Signing
from tallyport.adapters.embedded.checker import ALONE_MAX, Checkers, Signed, request, serve
from tallyport.kernel.keys import Suite

SIGNING = Signing(bytes(32))


def mixed(count: int, seed: int) -> tuple[list[Signed], list[bool]]:
    """Return signatures, about half of them forged, and which are good."""
    chance = random.Random(seed)  # noqa: S311
    signed, good = list[Signed](), list[bool]()
    for number in range(count):
        message = b"message %d" % number * chance.randint(0, 80)
        signature = SIGNING.sign(message)
        kind = chance.choice(["good", "good", "message", "signature", "suite", "short"])
        good.append(kind == "good")
        signed.append(
            Signed(
                Suite.SM2 if kind == "suite" else Suite.ED25519,
                SIGNING.public,
                message + b"!" if kind == "message" else message,
                {"signature": bytes(64), "short": b"short"}.get(kind, signature),
            )
        )
    return signed, good


@pytest.fixture
def checkers() -> Iterator[Checkers]:
    """Yield two processes, whatever the machine has."""
    made = Checkers(2)
    yield made
    made.close()


@pytest.mark.parametrize("count", [0, 1, ALONE_MAX, ALONE_MAX + 1, 333])
def test_each_gets_its_own_answer(checkers: Checkers, count: int) -> None:
    """Here, or by the processes."""
    signed, good = mixed(count, seed=count)
    assert checkers.start(signed).result() == good
    assert bool(checkers._processes) == (count > ALONE_MAX)


def test_several_requests_are_on_their_way(checkers: Checkers) -> None:
    """Answers come in the order of the requests."""
    asked = [mixed(100 + number, seed=number) for number in range(4)]
    checkings = [checkers.start(signed) for signed, _ in asked]
    assert [checking.result() for checking in checkings] == [good for _, good in asked]


@pytest.mark.parametrize("is_asked_first", [True, False])
def test_a_process_that_dies_is_not_missed(checkers: Checkers, *, is_asked_first: bool) -> None:
    """What it did not answer is checked here."""
    signed, good = mixed(200, seed=1)
    assert checkers.start(signed).result() == good
    checking = checkers.start(signed) if is_asked_first else None
    for process in checkers._processes:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert (checking or checkers.start(signed)).result() == good
    assert checkers.start(signed).result() == good


def test_one_processor_asks_nobody() -> None:
    """It would only take turns with itself."""
    checkers = Checkers(0)
    signed, good = mixed(100, seed=2)
    assert checkers.start(signed).result() == good
    assert not checkers._processes


def test_the_process_itself() -> None:
    """Requests in, a byte a signature out, until there are no more."""
    signed, good = mixed(50, seed=3)
    answers = io.BytesIO()
    serve(io.BytesIO(request(signed) + request(signed[:7]) + request([])), answers)
    assert [bool(one) for one in answers.getvalue()] == good + good[:7]
