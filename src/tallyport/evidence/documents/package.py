"""Open a zip package without trusting it (安全解包): everything is bounded before it is unpacked.

    announced   61,597 bytes in 12 files       what the directory says is checked first
    unpacked    never more than announced      then what really comes out

No entry is ever written to disk. A name that is none or climbs out of the package, an entry that is
itself an archive or packed unusually, two entries of one name, and bytes before the first or behind
the last entry are refused.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping

from tallyport.evidence.documents.model import RefusedError, Rule

PACKAGE_BYTES_MAX = 64 << 20  # As large as a document that is kept.
UNPACKED_BYTES_MAX = 128 << 20  # A hundred scanned pages.
ENTRIES_MAX = 2_000  # A page has five.
RATIO_MAX = 200  # XML packs to a tenth; a thousandth is a bomb.
RATIO_FREE_BYTES = 1 << 20  # Below this size a ratio harms nobody.
_ARCHIVES = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_ENCRYPTED = 1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # Others fail in ways of their own.


def unpacked(content: bytes) -> Mapping[str, bytes]:
    """Return the files of a package by their path, without a leading slash.

    Raises:
        RefusedError: it is broken or hostile.
    """
    if len(content) > PACKAGE_BYTES_MAX:
        raise RefusedError(
            Rule.TOO_LARGE, f"at most {PACKAGE_BYTES_MAX} bytes", f"{len(content)} bytes"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check(entries, content)
            return {one.filename: _taken(archive, one) for one in entries if not one.is_dir()}
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError) as error:
        raise RefusedError(Rule.BROKEN, "a whole zip package", str(error)) from None


def _check(entries: list[zipfile.ZipInfo], content: bytes) -> None:
    if len(entries) > ENTRIES_MAX:
        raise RefusedError(Rule.BOMB, f"at most {ENTRIES_MAX} files", f"{len(entries)} files")
    if not content.startswith(b"PK"):
        raise RefusedError(Rule.POLYGLOT, "a package from the first byte", "other bytes before it")
    announced = sum(one.file_size for one in entries)
    if announced > UNPACKED_BYTES_MAX:
        raise RefusedError(
            Rule.BOMB, f"at most {UNPACKED_BYTES_MAX} bytes unpacked", f"{announced} bytes"
        )
    seen: set[str] = set()
    for one in entries:
        name = one.filename
        if (
            not name
            or name.startswith(("/", "\\"))
            or ".." in name.replace("\\", "/").split("/")
            or ":" in name
        ):
            raise RefusedError(Rule.PATH, "paths inside of the package", name[:200])
        if name in seen:
            raise RefusedError(Rule.BROKEN, "each path once", f"{name[:200]} twice")
        seen.add(name)
        if one.compress_type not in _METHODS:
            raise RefusedError(Rule.BROKEN, "files stored or deflated", name[:200])
        if one.flag_bits & _ENCRYPTED:
            raise RefusedError(Rule.BROKEN, "files that are not encrypted", name[:200])
        packed = max(one.compress_size, 1)
        if one.file_size > RATIO_FREE_BYTES and one.file_size > RATIO_MAX * packed:
            raise RefusedError(
                Rule.BOMB, f"files packed to 1/{RATIO_MAX} at least", name[:200], name[:200]
            )


def _taken(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as file:
        data = file.read(entry.file_size + 1)
    if len(data) != entry.file_size:
        raise RefusedError(
            Rule.BOMB, f"{entry.file_size} bytes as announced", "another number", entry.filename
        )
    if data.startswith(_ARCHIVES):
        raise RefusedError(
            Rule.NESTED, "no archive inside of a package", entry.filename, entry.filename
        )
    return data
