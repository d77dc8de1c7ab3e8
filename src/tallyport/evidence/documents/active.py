"""What a PDF would do when somebody opens it (活动内容): found by its names, run by nobody.

    /OpenAction << /S /JavaScript /JS (...) >>        in the open
    /J#61vaScript                                     spelled otherwise
    stream of objects, packed                         unpacked up to a bound, and searched too

Pictures and fonts are not searched: three letters of a name stand in any of them by chance.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

UNPACKED_BYTES_MAX = 16 << 20  # Of all streams of objects; a contract's have a hundredth.
DICTIONARY_BYTES_MAX = 2_000  # Before a stream; what is longer says too much.
_ACTIVE = re.compile(rb"/(JavaScript|JS|Launch|RichMedia|XFA|SubmitForm|ImportData)(?![A-Za-z0-9])")
_ATTACHED = re.compile(rb"/EmbeddedFiles?(?![A-Za-z0-9])")


def names(content: bytes) -> list[str]:
    """Return what the PDF would run or send, each once; nothing when it is only read."""
    found = {match.decode() for part in _parts(content) for match in _ACTIVE.findall(part)}
    return sorted(found)


def has_attachments(content: bytes) -> bool:
    """Tell whether other files lie in the PDF."""
    return any(_ATTACHED.search(part) for part in _parts(content))


def _parts(content: bytes) -> Iterator[bytes]:
    """Yield what stands outside of streams, and what is in streams of objects."""
    at, left = 0, UNPACKED_BYTES_MAX
    while True:
        start = content.find(b"stream", at)
        yield _spelled(content[at : len(content) if start < 0 else start])
        if start < 0:
            return
        end = content.find(b"endstream", start)
        end = len(content) if end < 0 else end
        if b"/ObjStm" in _spelled(content[max(at, start - DICTIONARY_BYTES_MAX) : start]):
            unpacked = _unpacked(content[start + len(b"stream") : end].lstrip(b"\r\n"), left)
            left -= len(unpacked)
            yield _spelled(unpacked)
        at = end + len(b"endstream")


def _unpacked(data: bytes, most: int) -> bytes:
    if most <= 0:
        return b""
    try:
        return zlib.decompressobj().decompress(data, most)
    except zlib.error:
        return data  # Not packed, or in a way that nobody reads.


def _spelled(data: bytes) -> bytes:
    """Return the bytes with letters that stand as #xx written out."""
    if b"#" not in data:
        return data
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda code: bytes([int(code[1], 16)]), data)
