"""A witness of other logs (见证人): remembers the last checkpoint of each, then cosigns it.

    witness/name           how the witness signs                 witness.example/w1
    witness/logs           verifier keys of the logs it watches  one a line
    witness/seen.sqlite    the last checkpoint of each log       on disk before anything is signed

Comparing and remembering are one transaction: of two requests that arrive together one is told of
the other. Killed between remembering and answering, the log asks again with the size that it is
told, and gets its cosignature.
"""

from __future__ import annotations

import sqlite3
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tallyport.adapters.clock import Clock, SystemClock
from tallyport.adapters.ed25519 import Signing
from tallyport.adapters.engine import LedgerEngine
from tallyport.adapters.suites import verify
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.guard import FaultError
from tallyport.ledger.cosignature import COSIGNER, joined, message
from tallyport.ledger.note import (
    Checkpoint,
    Note,
    Signature,
    VerifierKey,
    is_name,
    parse_note,
)
from tallyport.ledger.verification import parse_keys
from tallyport.ledger.witnessing import DeclinedError, Request, Verdict, judge, keep

SIZE_TYPE = "text/x.tlog.size"
TEXT_TYPE = "text/plain; charset=utf-8"
ANSWER_BYTES_MAX = 1 << 16  # A few signature lines.
ANSWER_SECONDS_MAX = 30  # A witness signs in a millisecond.
_SCHEMA = """CREATE TABLE IF NOT EXISTS seen (
    origin TEXT PRIMARY KEY, size INTEGER NOT NULL, head BLOB NOT NULL, note TEXT NOT NULL
) STRICT"""


class WitnessError(FaultError):
    """A witness cannot work or does not cosign. Says why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a witness answers over HTTP."""

    status: int
    text: str
    kind: str = TEXT_TYPE


class Witness:
    """One witness in one folder."""

    def __init__(
        self, folder: Path, signing: Signing, clock: Clock | None = None, *, is_new: bool = False
    ) -> None:
        """Open the witness in `folder`; only a new one may have seen nothing at all."""
        self._folder, self._signing, self._clock = folder, signing, clock or SystemClock()
        try:
            name = (folder / "name").read_text("utf-8").strip()
        except OSError as error:
            raise WitnessError(f"{folder}: expected a witness with a name, got {error}") from error
        if not is_name(name):
            raise WitnessError(f"{folder / 'name'}: expected a name without spaces and plus signs")
        self.key = VerifierKey(name, signing.public, COSIGNER)
        if not is_new and not (folder / "seen.sqlite").exists():
            raise WitnessError(
                f"{folder / 'seen.sqlite'}: what the witness has seen is lost; it could sign a "
                "second history: make a new witness with another name and key"
            )
        with self._open() as database:
            database.execute(_SCHEMA)

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer a log that wants its checkpoint cosigned."""
        try:
            request = Request.parse(body)
            checkpoint = self._remember(request)
        except MalformedError as error:
            return Answer(status=Verdict.MALFORMED, text=f"{error}\n")
        except DeclinedError as declined:
            if declined.seen is not None:
                text = f"{declined.seen}\n"
                return Answer(status=declined.verdict, text=text, kind=SIZE_TYPE)
            return Answer(status=declined.verdict, text=f"{declined}\n")
        return Answer(status=Verdict.COSIGNED, text=self._line(request.note, checkpoint))

    def seen(self, origin: str) -> Checkpoint | None:
        """Return the last checkpoint of a log that was cosigned."""
        with self._open() as database:
            return _seen(database, origin)

    def _remember(self, request: Request) -> Checkpoint:
        with self._open() as database:
            seen = _seen(database, request.checkpoint.origin)
            new = keep(seen, judge(request, self._known(), seen, verify))
            row = (new.origin, new.size, new.head, str(request.note))
            database.execute("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)", row)
            return new

    def _known(self) -> tuple[VerifierKey, ...]:
        try:
            return parse_keys((self._folder / "logs").read_text("utf-8"))
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeDecodeError, MalformedError) as error:
            raise WitnessError(f"{self._folder / 'logs'}: expected keys, got {error}") from error

    def _line(self, note: Note, checkpoint: Checkpoint) -> str:
        """Return the cosignature's line, with the time of now."""
        seconds = int(self._clock.now().timestamp())
        signature = joined(seconds, self._signing.sign(message(note.text, seconds)))
        line = Signature(self.key.name, self.key.hash, signature)
        return str(Note(checkpoint.text, (line,))).removeprefix(f"{checkpoint.text}\n")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection; what happens in the block is on disk when it ends, or not at all."""
        path = self._folder / "seen.sqlite"
        try:
            with closing(sqlite3.connect(path, isolation_level=None, timeout=20)) as database:
                database.execute("PRAGMA synchronous = EXTRA")
                database.execute("BEGIN IMMEDIATE")
                yield database
                database.execute("COMMIT")
        except sqlite3.Error as error:
            raise WitnessError(f"cannot use {path}: {error}; is the disk full?") from error


def _seen(database: sqlite3.Connection, origin: str) -> Checkpoint | None:
    row = database.execute("SELECT size, head FROM seen WHERE origin = ?", (origin,)).fetchone()
    return None if row is None else Checkpoint(origin, int(row[0]), bytes(row[1]))


def ask(engine: LedgerEngine, note: str, url: str, key: VerifierKey) -> str:
    """Return our checkpoint `note` with the cosignature of the witness at `url` below it.

    Raises:
        WitnessError: it does not answer, or declines.
    """
    parsed = parse_note(note)
    checkpoint = Checkpoint.parse(parsed.text)
    size = 0
    for _ in range(2):  # The first answer may be that it has seen more than nothing.
        proof = () if size in (0, checkpoint.size) else engine.consistency(size, checkpoint.size)
        asked = Request(old=size, proof=proof, note=parsed, checkpoint=checkpoint)
        answer = _post(f"{url.rstrip('/')}/add-checkpoint", str(asked).encode())
        if answer.status == Verdict.COSIGNED:
            return f"{note}{_lines(parsed, answer.text, key, url)}"
        seen = answer.text.strip()
        is_size = answer.kind.startswith(SIZE_TYPE) and seen.isascii() and seen.isdigit()
        if answer.status != Verdict.CONFLICT or not is_size or int(seen) > checkpoint.size:
            raise WitnessError(
                f"{url}: did not cosign: status {answer.status}, {answer.text[:200]!r}"
            )
        size = int(seen)
    raise WitnessError(f"{url}: did not cosign: it has seen {size} entries by now; ask again")


def _lines(asked: Note, text: str, key: VerifierKey, url: str) -> str:
    """Return the lines of an answer that are `key`'s signatures; what else is in it is not ours.

    Raises:
        WitnessError: there are none.
    """
    try:
        answered = parse_note(f"{asked.text}\n{text}").signatures
    except MalformedError as error:
        raise WitnessError(f"{url}: expected lines of signatures: {error}") from error
    each = [Note(asked.text, (one,)) for one in answered]
    ours = [one for one in each if one.is_signed_by(key, verify)]
    if not ours:
        raise WitnessError(f"{url}: expected a cosignature of {key.name}, got another")
    return "".join(str(one).removeprefix(f"{asked.text}\n") for one in ours)


def _post(url: str, body: bytes) -> Answer:
    if not url.startswith(("http://", "https://")):
        raise WitnessError(f"{url}: expected an address that begins with http:// or https://")
    request = urllib.request.Request(url, data=body, method="POST")  # noqa: S310 - See above.
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS_MAX) as came:  # noqa: S310
            text = came.read(ANSWER_BYTES_MAX).decode(errors="replace")
            return Answer(status=came.status, text=text, kind=came.headers.get("Content-Type", ""))
    except urllib.error.HTTPError as error:
        with closing(error):
            text = error.read(ANSWER_BYTES_MAX).decode(errors="replace")
            kind = error.headers.get("Content-Type", "")
            return Answer(status=error.code, text=text, kind=kind)
    except OSError as error:
        raise WitnessError(f"{url}: the witness does not answer: {error}") from error
