"""Find out how the bytes of a file stand for characters (编码识别).

A mark at the beginning (BOM) decides. Text with other than ASCII characters that is valid UTF-8 is
UTF-8: hardly any text of another encoding is valid by chance, while GB18030 and windows-1251 take
almost any bytes and answer with nonsense. Else the first of the candidates counts that decodes the
whole file and in which the header has the names that the profile looks for.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tallyport.evidence.sources import cells

BLOCK_BYTES = 1 << 20
HEAD_BYTES = 1 << 16  # What is decoded to look at the header.
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Without a mark these names do not say which byte comes first; Python's readers then refuse them.
ORDERS = {"utf-16": ("utf-16-le", "utf-16-be"), "utf-32": ("utf-32-le", "utf-32-be")}
WIDE_SHARE = 10  # One sign in ten of a Chinese table is a comma, a digit or a line end.
MARK = "tallyport.mark"  # The error handler that shows a byte that fits nowhere as �\xNN.


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(f"{cells.LOST}\\x{byte:02x}" for byte in wrong), error.end


codecs.register_error(MARK, _mark)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The encoding of a file. Without `is_exact`, some bytes do not fit it."""

    name: str
    is_exact: bool = True


def digest(path: Path) -> tuple[str, int]:
    """Return the SHA-256 of the file in hex, and its size in bytes."""
    state, size = sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            state.update(block)
            size += len(block)
    return state.hexdigest(), size


def is_known(name: str) -> bool:
    """Tell whether the name is one of a text encoding; a file may announce anything, even `zip`."""
    try:
        b"a".decode(name, "replace")
    except (LookupError, UnicodeError, ValueError):
        return False
    return True


def find(path: Path, candidates: Sequence[str], is_right: Callable[[str], bool]) -> Found:
    """Return the encoding of the file; `is_right` looks at the head of its text.

    Where none of `candidates` fits, the first is taken and the misfits are marked.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    for bom, name in BOMS:
        if head.startswith(bom):
            return Found(name=name, is_exact=fits(path, name))
    wide = _wide(head)
    if wide and fits(path, wide) and is_right(head.decode(wide, "replace")):
        return Found(name=wide)
    candidates = [
        ordered
        for name in candidates
        if is_known(name)
        for ordered in ORDERS.get(codecs.lookup(name).name, (name,))
    ] or ["utf-8"]
    if fits(path, "ascii"):
        return Found(name=candidates[0] if _is_plain(candidates[0]) else "utf-8")
    fitting = [name for name in dict.fromkeys(("utf-8", *candidates)) if fits(path, name)]
    for name in fitting:
        if is_right(head.decode(name, "replace")):
            return Found(name=name)
    if fitting and fitting[0] in ("utf-8", candidates[0]):
        return Found(name=fitting[0])
    right = (name for name in candidates if is_right(head.decode(name, "replace")))
    name = next(right, candidates[0])
    return Found(name=name, is_exact=name in fitting)


def _wide(head: bytes) -> str:
    """Return the UTF-16 that text without a mark seems to be in, or "".

    There every letter of ASCII brings a zero byte, which no other text has.
    """
    for name, places in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if places.count(0) * WIDE_SHARE > len(places):
            return name
    return ""


def _is_plain(name: str) -> bool:
    """Tell whether ASCII text is the same bytes in the encoding."""
    return "a,1".encode(name) == b"a,1"


def fits(path: Path, name: str) -> bool:
    """Tell whether every byte of the file fits the encoding."""
    decoder = codecs.getincrementaldecoder(name)("strict")
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK_BYTES):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def same(one: str, two: str) -> bool:
    """Tell whether two names mean the same encoding, with or without a mark at the beginning."""
    if not (is_known(one) and is_known(two)):
        return False
    return _plain(one) == _plain(two) or {_plain(one), _plain(two)} <= {"ascii", "utf-8"}


def _plain(name: str) -> str:
    return (
        codecs.lookup(name)
        .name.removesuffix("-sig")
        .replace("gb2312", "gb18030")
        .replace("gbk", "gb18030")
    )
