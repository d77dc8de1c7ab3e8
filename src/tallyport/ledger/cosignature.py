"""Cosignatures (见证联署): a witness says what it saw, and when.

    cosignature/v1
    time 1679315147
    tallyport/main
    20
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

That is what is signed; in the note the line holds the time, 8 bytes, before the 64 of Ed25519. It
states that at that time this was the largest consistent tree that the witness had seen of the log.
The text does not name the witness, so every witness has a key of its own.

Source: C2SP tlog-cosignature v1 (Ed25519, algorithm byte 4).
"""

from __future__ import annotations

from tallyport.kernel.guard import invariant

COSIGNER = b"\x04"
TIMESTAMP_MAX = 2**63 - 1  # The source's; no witness lives that long.
_TIME_BYTES = 8
_SIGNATURE_BYTES = 64


def message(text: str, seconds: int) -> bytes:
    """Return what a cosigner signs below a checkpoint's `text` at a POSIX time."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def joined(seconds: int, signature: bytes) -> bytes:
    """Return what stands in the line: time and signature.

    COSIGN-1  in time  a time is a whole number of seconds, and a signature has 64 bytes
    """
    invariant(0 <= seconds <= TIMESTAMP_MAX and len(signature) == _SIGNATURE_BYTES, "COSIGN-1")
    return seconds.to_bytes(_TIME_BYTES, "big") + signature


def parted(line: bytes) -> tuple[int, bytes] | None:
    """Return time and signature of what stands in a line, or None when it is no cosignature."""
    seconds = int.from_bytes(line[:_TIME_BYTES], "big")
    if len(line) != _TIME_BYTES + _SIGNATURE_BYTES or seconds > TIMESTAMP_MAX:
        return None
    return seconds, line[_TIME_BYTES:]
