"""Whose signatures a receipt must bear (回执联署门槛): n of these keys, as the members agree.

Each institution's node signs checkpoints with a key of its own. An outsider trusts none of them
alone: the channel says how many of which keys make a checkpoint that the consortium stands for.

    3 of  operator · customs · bank · logistics
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from tallyport.contracts.members.model import active
from tallyport.kernel.contract import Book
from tallyport.kernel.ids import MemberId

COSIGNERS_MAX = 64  # As many as there are voters; a receipt bears the quorum, not all.
_VERIFIER_KEY_MAX = 500  # Characters: the name of a log, a hash and a key in base64.


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigner:
    """A member and the verifier key (C2SP signed-note) of its node's checkpoints."""

    member: MemberId
    verifier_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCosigners:
    """Change: a receipt bears at least `signatures_min` signatures of these from now on."""

    cosigners: tuple[Cosigner, ...]
    signatures_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigning:
    """Row (only one): whose signatures a receipt of this channel must bear."""

    TABLE: ClassVar[str] = "cosigning"

    cosigners: tuple[Cosigner, ...]
    signatures_min: int
    since: datetime

    @property
    def key(self) -> str:
        """There is one."""
        return "cosigning"


def cosigning(book: Book) -> Cosigning | None:
    """Return what the members agreed, or None when they have not yet."""
    return book.get(Cosigning, "cosigning")


def is_sound(book: Book, change: SetCosigners) -> bool:
    """Return whether a quorum of distinct keys of active members is asked for."""
    keys = {one.verifier_key for one in change.cosigners}
    return (
        len(keys) == len(change.cosigners) <= COSIGNERS_MAX
        and 1 <= change.signatures_min <= len(keys)
        and all(_is_key(key) for key in keys)
        and all(active(book, one.member) is not None for one in change.cosigners)
    )


def _is_key(text: str) -> bool:
    """Return whether a text has the shape name+hash+key, on one line."""
    is_short = len(text) <= _VERIFIER_KEY_MAX and text.isascii() and text.isprintable()
    return is_short and " " not in text and text.count("+") >= len("++")


def row(change: SetCosigners, at: datetime) -> Cosigning:
    """Return the row of a change that was agreed."""
    return Cosigning(cosigners=change.cosigners, signatures_min=change.signatures_min, since=at)
