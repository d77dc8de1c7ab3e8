"""Read papers from files (读取单证): all that were named, or all in a folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import polars as pl

from tallyport.adapters.recognition import tools
from tallyport.evidence.documents.duplicates import marked
from tallyport.evidence.documents.linking import Link, link
from tallyport.evidence.documents.model import Form, Paper
from tallyport.evidence.documents.package import PACKAGE_BYTES_MAX
from tallyport.evidence.documents.reading import form_of, read
from tallyport.kernel.guard import FaultError

FILES_MAX = 5_000  # An hour of recognition; more belongs into several readings.
ENDINGS = (".ofd", ".pdf", ".png", ".jpg", ".jpeg", ".xml")


def read_files(files: Iterable[Path], *, as_of: date) -> list[Paper]:
    """Return a paper a file, in the order given; those that repeat an earlier one say so.

    Raises:
        FaultError: a file cannot be opened.
    """
    held = tools()
    return marked([read(path.name, content(path), held, as_of=as_of) for path in files])


def content(path: Path) -> bytes:
    """Return the bytes of a file, one more than the limit at most.

    Raises:
        FaultError: it cannot be opened.
    """
    try:
        with path.open("rb") as file:
            return file.read(PACKAGE_BYTES_MAX + 1)
    except OSError as error:
        raise FaultError(
            f"{path}: expected a readable file, {error.strerror}; correct the path"
        ) from error


def in_folder(folder: Path) -> list[Path]:
    """Return the files of a folder that are documents; XML exports of source systems are none."""
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.casefold() in ENDINGS and path.is_file() and not path.is_symlink()
    )
    papers = [path for path in found if path.suffix.casefold() != ".xml" or _is_einvoice(path)]
    if len(papers) > FILES_MAX:
        raise FaultError(
            f"{folder}: expected at most {FILES_MAX} documents, found {len(papers)}; split the"
            " folder"
        )
    return papers


def _is_einvoice(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(1_000)
    return form_of(head) is Form.XML and b"<einvoice" in head.replace(b"\x00", b"").lower()


def linked(folder: Path, tables: Mapping[str, pl.DataFrame], *, as_of: date) -> list[Link]:
    """Return the documents of a folder with the records of `tables` they belong to."""
    return link(read_files(in_folder(folder), as_of=as_of), tables)
