"""What an outsider can check (离线验证) with two files and nothing of ours running.

    receipt      this entry is number 12 of the log that the key speaks for
    extension    the log of 900 entries is the log of 12 entries with more behind it

`verify` reads either, a receipt also as text (`ledger.proof`). The key file holds a verifier key a
line: that of the log, and those of the witnesses whose signatures are wanted too. A first line
`quorum 3` says that three of them are enough; without it all must have signed. A consortium writes
its own as its ledger has it (`tallyport network policy`).

Sources: RFC 6962 sections 2.1.1 and 2.1.2, C2SP tlog-checkpoint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tallyport.kernel.canonical import Json, MalformedError, encode, read
from tallyport.kernel.keys import Verify
from tallyport.ledger.entry import ENTRY_BYTES_MAX
from tallyport.ledger.merkle import is_consistent
from tallyport.ledger.note import Checkpoint, VerifierKey
from tallyport.ledger.proof import is_proof, parse_proof
from tallyport.ledger.receipt import (
    FORMAT,
    RECEIPT_BYTES_MAX,
    Receipt,
    UnprovenError,
    check,
    check_checkpoint,
    hashes,
    parse_receipt,
    spelled,
)

EXTENSION = "tallyport-extension/1"
_QUORUM = "quorum "
_NAMES = {"format", "new", "old", "proof"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """Two signed checkpoints and the proof that the new log begins with the old one."""

    old: str
    new: str
    proof: tuple[bytes, ...]

    def __str__(self) -> str:
        lines = [
            b'{"format":' + encode(EXTENSION),
            b'"new":' + encode(self.new),
            b'"old":' + encode(self.old),
            b'"proof":' + spelled(self.proof) + b"}",
        ]
        return b",\n".join(lines).decode() + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvedEntry:
    """An entry that is in the log."""

    checkpoint: Checkpoint
    entry: dict[str, Json]

    def __str__(self) -> str:
        entry = self.entry
        outcome = entry.get("outcome", "timers")
        if entry.get("reason") is not None:
            outcome = f"{outcome} ({entry['reason']})"
        return (
            f"entry {entry['sequence']} of {self.checkpoint.origin}, {entry['at']}, {outcome}: "
            f"proved by the checkpoint over {self.checkpoint.size} entries"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvedExtension:
    """Two states of one log, of which the new one only added."""

    old: Checkpoint
    new: Checkpoint

    def __str__(self) -> str:
        return (
            f"{self.new.origin}: the log of {self.new.size} entries begins with the "
            f"{self.old.size} of the old checkpoint; nothing of them was changed"
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """Whose signatures make a checkpoint credible."""

    keys: tuple[VerifierKey, ...]
    quorum: int | None = None  # None: all of them.

    def __str__(self) -> str:
        first = [] if self.quorum is None else [f"{_QUORUM}{self.quorum}"]
        return "\n".join([*first, *map(str, self.keys)]) + "\n"


def parse_policy(text: str) -> Policy:
    """Read a key file: a verifier key a line, perhaps `quorum N` before them.

    Raises:
        MalformedError: a line that is none, or a quorum that cannot be reached.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    quorum: int | None = None
    if lines and lines[0].startswith(_QUORUM):
        number = lines.pop(0).removeprefix(_QUORUM)
        quorum = int(number) if number.isascii() and number.isdigit() and len(number) < 5 else 0  # noqa: PLR2004 - A quorum has no more digits.
    keys = tuple(VerifierKey.parse(line) for line in lines)
    if quorum is not None and not 1 <= quorum <= len(set(keys)):
        raise MalformedError(
            f"expected a quorum from 1 to the {len(set(keys))} keys of the file in its first line"
        )
    return Policy(keys, quorum)


def parse_keys(text: str) -> tuple[VerifierKey, ...]:
    """Read a key file whose keys must all have signed.

    Raises:
        MalformedError: a line that is none.
    """
    return parse_policy(text).keys


def verify(
    text: str, policy: Policy | Sequence[VerifierKey], verify_signature: Verify
) -> ProvedEntry | ProvedExtension:
    """Return what a file proves, if its checkpoints are signed as the policy, or all keys, want.

    Raises:
        UnprovenError: it proves nothing; says which part does not fit.
        MalformedError: neither a receipt nor an extension.
    """
    if not isinstance(policy, Policy):
        policy = Policy(tuple(policy))
    if is_proof(text):
        return _entry(parse_proof(text), policy, verify_signature)
    fields = read(text.encode(errors="replace"), RECEIPT_BYTES_MAX)
    match fields.get("format") if isinstance(fields, dict) else None:
        case str(name) if name == FORMAT:
            return _entry(parse_receipt(text), policy, verify_signature)
        case str(name) if name == EXTENSION:
            return _extension(fields, policy, verify_signature)
        case other:
            raise MalformedError(f"expected a {FORMAT} or a {EXTENSION}, got {str(other)[:40]!r}")


def _entry(receipt: Receipt, policy: Policy, verify_signature: Verify) -> ProvedEntry:
    checkpoint = check(receipt, policy.keys, verify_signature, policy.quorum)
    entry = read(receipt.entry, ENTRY_BYTES_MAX)
    return ProvedEntry(checkpoint=checkpoint, entry=entry if isinstance(entry, dict) else {})


def _extension(fields: Json, policy: Policy, verify_signature: Verify) -> ProvedExtension:
    if not isinstance(fields, dict) or fields.keys() != _NAMES:
        raise MalformedError(f"expected an {EXTENSION} with exactly {sorted(_NAMES)}")
    old, new = (
        check_checkpoint(str(fields[name]), policy.keys, verify_signature, policy.quorum)
        for name in ("old", "new")
    )
    if old.origin != new.origin:
        raise UnprovenError(f"expected two checkpoints of one log, got {old.origin}, {new.origin}")
    if not is_consistent(old.size, new.size, hashes(fields["proof"]), old.head, new.head):
        raise UnprovenError(
            f"expected the proof to tie {old.size} entries to {new.size}; it does not: the log was "
            "rewritten, or the file was changed; keep both checkpoints, they are evidence"
        )
    return ProvedExtension(old=old, new=new)
