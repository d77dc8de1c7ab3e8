"""The readers under test (被测读取器): a function takes bytes, and returns if all is as promised.

The promise is the same everywhere: whatever the bytes are, the outcome is one of those that the
reader's docstring names. Anything else is raised here, and is a find.

Packages (workbook, OFD) are mutated by their parts, since a checksum guards the whole: their input
is a list of parts, put together by `joined`, or a package as it stands.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from support import toy
from tallyport.adapters import ed25519, recognition
from tallyport.adapters.consortium import schema, transaction, wire
from tallyport.adapters.consortium.wire import WireError
from tallyport.contracts import table
from tallyport.evidence.documents import reading as documents
from tallyport.evidence.documents.model import Paper
from tallyport.evidence.documents.reading import Tools
from tallyport.evidence.documents.wording import sentence
from tallyport.evidence.sources import builtin, cells, dates, draft, encoding, loading, numbers
from tallyport.evidence.sources import reading as sources
from tallyport.evidence.sources.profile import Form, Format, Source
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.form import Codec, tagged
from tallyport.kernel.guard import FaultError
from tallyport.ledger import entry, envelope, note, portable, proof, tiles, verification
from tallyport.ledger.receipt import UnprovenError
from tallyport.ledger.verbs import Table
from tallyport.ledger.witnessing import Request

Target = Callable[[bytes], None]

AS_OF = date(2024, 12, 31)
PART = b"\n=====\n"  # Between the parts of a package.
PROFILE = builtin.builtin()["used_car_export"]
WORKBOOK = (
    "[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels",
    "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml",
)  # fmt: skip
OFD = (
    "OFD.xml", "Doc_0/Document.xml", "Doc_0/Pages/Page_0/Content.xml", "Doc_0/Attachments.xml",
    "Doc_0/original_invoice.xml", "Doc_0/Signs/Signatures.xml", "Doc_0/Signs/Sign_0/Signature.xml",
    "Doc_0/Signs/Sign_0/SignedValue.dat", "Doc_0/Tags/CustomTags.xml", "Doc_0/Tags/CustomTag.xml",
)  # fmt: skip


# --- sources -----------------------------------------------------------------------------------


@cache
def forms(*formats: Format) -> Sequence[tuple[Source, Form]]:
    """Return every source of the nine systems in every form of these formats."""
    return [
        (source, form)
        for source in PROFILE.sources
        for form in source.forms
        if form.format in formats
    ]


def _source(data: bytes, *formats: Format) -> None:
    """Read the bytes as the source that the first byte names; READ-1 is kept by the reader."""
    known = forms(*formats)
    source, form = known[data[0] % len(known)] if data else known[0]
    with TemporaryDirectory() as folder:
        path = Path(folder) / form.glob.replace("*", "x")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_package(data[1:], WORKBOOK) if form.format is Format.XLSX else data[1:])
        alone = replace(PROFILE, sources=(replace(source, forms=(form,)),))
        found = sources.read(Path(folder), alone, as_of=AS_OF)
    assert all(finding.sentence() for finding in found.findings)
    assert len(found.tables[source.kind.name]) == sum(file.good for file in found.files)


def csv(data: bytes) -> None:
    """A table of text."""
    _source(data, Format.CSV)


def xlsx(data: bytes) -> None:
    """A workbook."""
    _source(data, Format.XLSX)


def xml(data: bytes) -> None:
    """An export in XML."""
    _source(data, Format.XML)


def camt(data: bytes) -> None:
    """A bank statement."""
    _source(data, Format.CAMT_053)


def drafting(data: bytes) -> None:
    """A file of unknown make: what is drafted is a profile that loads and can be read with."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        path.write_bytes(_package(data, WORKBOOK) if PART in data else data)
        try:
            text = draft.draft(path)
        except FaultError:
            return
        sources.read(Path(folder), loading.parse(text), as_of=AS_OF)


def profile(data: bytes) -> None:
    """A profile that a partner wrote."""
    with suppress(FaultError):
        loading.parse(data.decode("utf-8", "replace"))


def coding(data: bytes) -> None:
    """A file whose encoding is looked for: what is found can be decoded with."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "text"
        path.write_bytes(data)
        for names in (("utf-8", "gb18030", "windows-1251"), ("utf-16",), ("zip", "idna", "\0")):
            found = encoding.find(path, names, lambda text: "," in text)
            text = data.decode(found.name, encoding.MARK)
            assert found.is_exact == encoding.fits(path, found.name)
            assert found.is_exact or cells.LOST in text


def cell(data: bytes) -> None:
    """Cells: the same text is read alike, alone or beside others, as any type."""
    texts = pl.Series(data.decode("utf-8", "replace").split("\n")[:50], dtype=pl.String)
    plain = texts.to_frame("text").select(cells.text(pl.col("text")))["text"]
    for formats in (dates.SAFE, ("D.M.YYYY", "iso"), ("M/D/YY", "excel1904", "DD-MMM-YYYY hh:mm")):
        assert len(dates.days(plain, formats)) == len(plain)
        assert len(dates.moments(plain, formats, "Asia/Shanghai")) == len(plain)
    for mark in ".,":
        for times in ("1", "10000", "0.01"):
            read = numbers.decimals(plain, mark=mark, times=Decimal(times))
            assert len(read) == len(plain)
            assert all(abs(one) < numbers.NUMBER_MAX for one in read.drop_nulls())
    frame = plain.to_frame("text")
    assert len(frame.select(cells.code(pl.col("text")), flag=cells.flag(pl.col("text")))) == len(
        frame
    )


# --- documents ---------------------------------------------------------------------------------


def _paper(content: bytes, tools: Tools) -> Paper:
    found = documents.read("paper", content, tools, as_of=AS_OF)
    assert all(sentence(one) for one in found.findings)
    assert not (found.is_refused and found.fields)
    assert found.shown()
    return found


@cache
def _blind() -> Tools:
    return replace(recognition.tools(), see=lambda _content, _form: [])


def ofd(data: bytes) -> None:
    """A package of a paper, by its parts: pages, tags, seals, the invoice in it."""
    _paper(_package(data, OFD), _blind())


def einvoice(data: bytes) -> None:
    """An invoice in XML."""
    _paper(data, _blind())


def picture(data: bytes) -> None:
    """A PDF or picture, seen by the bounded process."""
    _paper(data, recognition.tools())


def _package(data: bytes, names: Sequence[str]) -> bytes:
    """Return a package of the parts in `data`, or `data` where it is one."""
    if data.startswith(b"PK"):
        return data
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in zip(names, data.split(PART), strict=False):
            if part:
                archive.writestr(name, part)
    return out.getvalue()


# --- ledger ------------------------------------------------------------------------------------


@cache
def _contracts() -> tuple[Codec, Codec]:
    known = Table(table.ALL)
    return tagged(known.commands), tagged(known.events)


def envelopes(data: bytes) -> None:
    """A command with its signature, of the real contracts and of the toys."""
    for commands in (_contracts()[0], toy.FORMS):
        with suppress(MalformedError):
            read = envelope.parse(data, commands)
            assert read.raw == data
            assert envelope.seal(envelope.body_bytes(read.body, commands), read.signature) == data


def entries(data: bytes) -> None:
    """An entry of the log."""
    with suppress(MalformedError):
        entry.skim(data)
    for events in (_contracts()[1], toy.machine().events):
        with suppress(MalformedError):
            assert entry.entry_bytes(entry.parse_entry(data, events), events) == data


def proofs(data: bytes) -> None:
    """What an outsider checks: receipts, extensions, key files, requests of a witness."""
    text = data.decode("utf-8", "replace")
    keys = (note.VerifierKey(note.origin_of("toys"), toy.signing(toy.ALI).public),)
    with suppress(MalformedError, UnprovenError):
        assert str(verification.verify(text, keys, ed25519.verify))
    with suppress(MalformedError):
        assert str(verification.parse_policy(text))
    with suppress(MalformedError):
        read = note.parse_note(text)
        assert str(read) == text
        assert note.Checkpoint.parse(read.text).text
    with suppress(MalformedError):
        assert proof.spell(proof.parse_proof(text))
    with suppress(MalformedError):
        assert str(Request.parse(data)).encode() == data
    with suppress(MalformedError):
        header = portable.Header.parse(data)
        assert portable.parse_closing(data, header)
    with suppress(MalformedError):
        assert tiles.parse_path(text).path == text


def messages(data: bytes) -> None:
    """What the consensus engine and its peers send."""
    for form in (schema.REQUEST, schema.SNAPSHOT):
        with suppress(WireError):
            assert wire.decode(form, data).keys() == wire.blank(form).keys()
    with suppress(WireError):
        wire.take_frame(bytearray(data))
    with suppress(MalformedError):
        assert transaction.parse(data)


TARGETS: dict[str, Target] = {
    "csv": csv, "xlsx": xlsx, "xml": xml, "camt": camt, "draft": drafting, "profile": profile,
    "encoding": coding, "cells": cell, "ofd": ofd, "einvoice": einvoice, "picture": picture,
    "envelope": envelopes, "entry": entries, "proof": proofs, "wire": messages,
}  # fmt: skip
