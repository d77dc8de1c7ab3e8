"""Questions and decisions that are kept (判定记录): who decided what, when, why.

    evidence/worklist.sqlite   question   the last matching's doubts; made again each time
                               decision   never changed, never deleted; the newest of a pair counts

A decision names its records by their digest: when one of them changes, the decision still holds and
the question is asked again. With four eyes it counts when somebody else has said the same.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass

from tallyport.app.home import Home
from tallyport.evidence.linkage.decided import Decided, pairs_of
from tallyport.evidence.review.model import Answer, Kind, Question
from tallyport.kernel.canonical import decode, encode
from tallyport.kernel.form import codec

_QUESTION = codec(Question)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS question (
    id TEXT PRIMARY KEY, place INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS decision (
    number INTEGER PRIMARY KEY, question TEXT NOT NULL, kind TEXT NOT NULL, item TEXT NOT NULL,
    place TEXT NOT NULL, answer TEXT NOT NULL, reason TEXT NOT NULL, user TEXT NOT NULL,
    member TEXT NOT NULL, at TEXT NOT NULL, digest TEXT NOT NULL, counts INTEGER NOT NULL
) STRICT;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What somebody said about one pair, or one finding."""

    number: int
    question: str
    kind: Kind
    item: str
    place: str
    answer: Answer
    reason: str
    user: str
    member: str
    at: str
    digest: str
    counts: bool  # False: waits for a second person, or was the first of two.


class Decisions:
    """Writes decisions and answers what was decided."""

    def __init__(self, home: Home) -> None:
        home.evidence.mkdir(parents=True, exist_ok=True)
        self._path = home.evidence / "worklist.sqlite"
        with self._open() as database:
            database.executescript(_SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path)) as database, database:
            yield database

    # Questions.

    def ask(self, questions: Iterable[Question]) -> None:
        """Put `questions` in the place of those of the last matching."""
        rows = [
            (one.id, place, one.kind.value, encode(_QUESTION.encode(one)).decode())
            for place, one in enumerate(questions)
        ]
        with self._open() as database:
            database.execute("DELETE FROM question")
            database.executemany("INSERT OR REPLACE INTO question VALUES (?, ?, ?, ?)", rows)

    def questions(self) -> tuple[Question, ...]:
        """Return all questions, the one to look at first in front."""
        query = "SELECT body FROM question ORDER BY place"
        with self._open() as database:
            return tuple(_question(body) for (body,) in database.execute(query))

    def question(self, number: str) -> Question | None:
        """Return one question, or None."""
        query = "SELECT body FROM question WHERE id = ?"
        with self._open() as database:
            found = database.execute(query, (number,)).fetchone()
        return None if found is None else _question(found[0])

    # Decisions.

    def add(self, decision: Decision) -> Decision:
        """Keep a decision; its number is the next one."""
        values = (
            decision.question, decision.kind.value, decision.item, decision.place,
            decision.answer.value, decision.reason, decision.user, decision.member, decision.at,
            decision.digest, int(decision.counts),
        )  # fmt: skip
        with self._open() as database:
            query = (
                "INSERT INTO decision (question, kind, item, place, answer, reason, user, member,"
                " at, digest, counts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *"
            )
            return _decision(database.execute(query, values).fetchone())

    def all(self) -> tuple[Decision, ...]:
        """Return every decision, the first one first."""
        with self._open() as database:
            rows = database.execute("SELECT * FROM decision ORDER BY number")
            return tuple(_decision(row) for row in rows)

    def of(self, question: str) -> tuple[Decision, ...]:
        """Return what was decided about one question, the first one first."""
        query = "SELECT * FROM decision WHERE question = ? ORDER BY number"
        with self._open() as database:
            return tuple(_decision(row) for row in database.execute(query, (question,)))

    def in_force(self) -> Mapping[tuple[Kind, str, str], Decision]:
        """Return the decision that counts for each pair: the newest."""
        return {(one.kind, one.item, one.place): one for one in self.all() if one.counts}

    def decided(self) -> Decided:
        """Return what the next matching has to honour."""
        departures, payments = [], []
        for (kind, item, place), one in self.in_force().items():
            if one.answer is Answer.UNSURE or not place:
                continue
            is_right = one.answer is Answer.YES
            if kind is Kind.DEPARTURE:
                departures.append((item, place.partition("/")[0], is_right))
            elif kind in (Kind.PAYMENT, Kind.UNEXPLAINED):
                payments.append((item, place, is_right))
        return Decided(
            departures=pairs_of(sorted(dict.fromkeys(departures)), "vin", "declaration_no"),
            payments=pairs_of(sorted(dict.fromkeys(payments)), "entry_no", "contract_no"),
        )

    def dismissed(self) -> frozenset[str]:
        """Return the findings that were judged wrong, as `type:records`."""
        return frozenset(
            item
            for (kind, item, _), one in self.in_force().items()
            if kind is Kind.FINDING and one.answer is Answer.NO
        )


def _question(body: str) -> Question:
    question: Question = _QUESTION.decode(decode(body.encode()))
    return question


def _decision(row: tuple[int, str, str, str, str, str, str, str, str, str, str, int]) -> Decision:
    return Decision(
        number=row[0], question=row[1], kind=Kind(row[2]), item=row[3], place=row[4],
        answer=Answer(row[5]), reason=row[6], user=row[7], member=row[8], at=row[9], digest=row[10],
        counts=bool(row[11]),
    )  # fmt: skip
