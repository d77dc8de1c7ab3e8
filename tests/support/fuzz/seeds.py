"""Good input of each kind (种子语料), made by code: a small world, papers, a playroom's ledger."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import python_calamine
import xlsxwriter  # type: ignore[import-untyped]

from support import papers, toy
from support.fuzz import targets
from support.fuzz.targets import OFD, PART, WORKBOOK
from tallyport.adapters import sm2
from tallyport.adapters.consortium import schema, transaction, wire
from tallyport.evidence.sources.builtin import builtin
from tallyport.evidence.sources.profile import Form, Format, Source
from tallyport.ledger import note, portable, proof, tiles
from tallyport.ledger.cosignature import joined
from tallyport.ledger.merkle import Frontier, consistency_proof, inclusion_proof, leaf_hash
from tallyport.ledger.note import Checkpoint, Note, Signature, VerifierKey
from tallyport.ledger.receipt import Receipt
from tallyport.ledger.verification import Extension, Policy
from tallyport.ledger.witnessing import Request
from tallyport.worlds import make

ROWS = 6  # Of each export: a short seed is grown faster.


@cache
def seeds(name: str) -> tuple[bytes, ...]:
    """Return good input for the target called `name`."""
    return tuple(dict.fromkeys(_SEEDS[name]()))


# --- sources -----------------------------------------------------------------------------------


@cache
def _world() -> dict[str, bytes]:
    """Return the files of a small world, by their path."""
    with TemporaryDirectory() as folder:
        make(Path(folder), vehicles=20, seed=7)
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(Path(folder).rglob("*"))
            if path.is_file()
        }


def _file(form: Form) -> bytes:
    held = _world()
    named = sorted(path for path in held if Path(path).match(form.glob))
    return held[named[0]] if named else b""


def _exports(*formats: Format) -> Iterator[tuple[int, Source, Form]]:
    for number, (source, form) in enumerate(targets.forms(*formats)):
        yield number, source, form


def _csv() -> Iterator[bytes]:
    for number, source, form in _exports(Format.CSV):
        content = b"".join(_file(form).splitlines(keepends=True)[: ROWS + 1])
        if not content:  # The world writes another form of this source.
            names = (column.names[0] for column in source.columns if column.names)
            content = form.separator.join(names).encode(form.encoding) + b"\r\n"
            content += form.separator.join("1" for _ in source.columns).encode() + b"\r\n"
        yield bytes([number]) + content


def _cut(text: str, end: str) -> str:
    """Return the beginning of a file up to its second record."""
    at = text.find(end, text.find(end) + 1)
    return text[: at + len(end)]


def _xml() -> Iterator[bytes]:
    for number, source, form in _exports(Format.XML):
        text = _file(form).decode(form.encoding)
        root = text.split("<", 2)[2].partition(">")[0].split()[0]
        top = form.record.split("/")[0]
        yield bytes([number]) + f"{_cut(text, f'</{top}>')}</{root}>".encode(form.encoding)
        assert source.columns


def _camt() -> Iterator[bytes]:
    for number, _, form in _exports(Format.CAMT_053):
        text = _file(form).decode(form.encoding)
        ends = "</Stmt></BkToCstmrStmt></Document>"
        yield bytes([number]) + (_cut(text, "</Ntry>") + ends).encode(form.encoding)
        yield bytes([number]) + text[:2_000].encode(form.encoding)


def _workbook(sheet: str, rows: Sequence[Sequence[object]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page = book.add_worksheet(sheet)
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    book.close()
    return out.getvalue()


def _parts(package: bytes, names: tuple[str, ...]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        held = archive.namelist()
        return PART.join(archive.read(name) if name in held else b"" for name in names)


def _xlsx() -> Iterator[bytes]:
    for number, _, form in _exports(Format.XLSX):
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(_file(form)))
        rows = book.get_sheet_by_name(form.sheet).to_python()[: ROWS + 1]
        yield bytes([number]) + _parts(_workbook(form.sheet, rows), WORKBOOK)


def _draft() -> Iterator[bytes]:
    for name in ("csv", "xlsx", "xml", "camt"):
        yield from (seed[1:] for seed in seeds(name))


def _profile() -> Iterator[bytes]:
    folder = Path(builtin.__code__.co_filename).parents[1] / "profiles"
    yield from (path.read_bytes() for path in sorted(folder.glob("*.yaml")))
    yield (
        "profile: x\ndates: [YYYY-MM-DD]\nsources:\n  stock:\n    kind: vehicle\n    files:\n"
        "      - {file: 'a*.csv', encoding: gb18030, separator: tab, header: 2}\n    fields:\n"
        "      vin: 车架号\n      cost_cny: {from: [成本], unit: 万元}\n"
        "      stock_state: {from: 状态, values: {已售: sold}}\n      brand: {constant: X}\n"
    ).encode()


def _encoding() -> Iterator[bytes]:
    text = "型号,Марка,é\n东风,Лада,1\n"
    for name in ("utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030"):
        yield text.encode(name)
    yield "Марка,Цвет\nЛада,белый\n".encode("windows-1251")


def _cells() -> Iterator[bytes]:
    for column in (
        "2024-03-29|20240329|9.3.2024|3/29/24|2013年6月15日|45379|45379.5|２０２４－０１－０２",
        "2024-01-26T03:38:00+08:00|2024-01-26 03:38:00.123Z|29-Mar-2024 03:38|2024-02-30",
        "1,234.50|1.234,50|(1234.5)|¥1234.5|1e5|-0.0000000000001|１２３４．５|1 234,5 руб",
        "　ＸＪＹＯ－０１ |NULL|是|нет|\ufeffx\u2060|LSVCE2BR5N1041664|%|999999999999999999",
    ):
        yield column.replace("|", "\n").encode()


# --- documents ---------------------------------------------------------------------------------


def _ofd() -> Iterator[bytes]:
    texts = [
        "电子发票（普通发票）",
        "发票号码：24999000000000000017",
        "价税合计（小写）¥113,000.00",
    ]
    plain = papers.ofd_files(texts, attached=papers.einvoice())
    yield _parts(papers.zipped(plain), OFD)
    sealed = papers.sealed(papers.ofd_files(texts), sm2.Signing(bytes(31) + b"\7"))
    yield _parts(papers.zipped(sealed), OFD)
    yield papers.zipped(plain)


def _einvoice() -> Iterator[bytes]:
    yield papers.einvoice(note="XJYO-2024040401")
    yield papers.einvoice(lines=[("60000.00", "13%", "7800.00"), ("40000.00", "免税", "***")])
    yield papers.einvoice().decode().encode("utf-16")


def _picture() -> Iterator[bytes]:
    yield papers.pdf(["INVOICE", "Invoice No: 24999000000000000017", "Total due: 113,000.00"])
    yield bytes.fromhex(  # Four white pixels.
        "89504e470d0a1a0a0000000d494844520000000200000002080000000057dd52f8"
        "0000000e49444154789c63f8ff9fe13f0300060001ff95a3bf8f0000000049454e44ae426082"
    )


# --- ledger ------------------------------------------------------------------------------------

ORIGIN = note.origin_of(toy.CHANNEL)


@cache
def _room() -> toy.Playroom:
    room = toy.Playroom()
    room.feed_all(
        [
            toy.sealed(toy.ALI, "1", toy.enrolment(toy.ALI)),
            toy.sealed(toy.ALI, "2", toy.Add(name="a", amount=3), toy.Add(name="b", amount=-1)),
            toy.sealed(toy.ALI, "3", toy.Add(name="a", amount=4)),
        ]
    )
    return room


def _tree() -> tuple[Frontier, dict[tuple[int, int], bytes], list[str]]:
    """Return the tree of the playroom, its nodes, and a signed checkpoint of each size."""
    tree, nodes, notes = Frontier(), dict[tuple[int, int], bytes](), list[str]()
    signing = toy.signing(toy.ALI)
    key = VerifierKey(ORIGIN, signing.public)
    for data in _room().data:
        tree, closed = tree.append(leaf_hash(data))
        nodes |= {(level, index): head for level, index, head in closed}
        text = Checkpoint(ORIGIN, tree.size, tree.head).text
        signed = Signature(key.name, key.hash, signing.sign(text.encode()))
        seen = Signature("witness", b"\1\2\3\4", joined(1_700_000_000, bytes(64)))
        notes.append(str(Note(text, (signed, seen))))
    return tree, nodes, notes


def _envelope() -> Iterator[bytes]:
    yield toy.sealed(toy.ALI, "2", toy.Add(name="a", amount=3), toy.Add(name="b", amount=-1))
    yield toy.sealed(toy.BEK, "1", toy.enrolment(toy.BEK))


def _entry() -> Iterator[bytes]:
    yield from _room().data


def _proof() -> Iterator[bytes]:
    tree, nodes, notes = _tree()

    def node(level: int, index: int) -> bytes:
        return nodes[level, index]

    receipt = Receipt(
        entry=_room().data[1],
        index=1,
        proof=inclusion_proof(1, tree.size, node),
        checkpoint=notes[-1],
    )
    extension = consistency_proof(2, tree.size, node)
    key = VerifierKey(ORIGIN, toy.signing(toy.ALI).public)
    newest = note.parse_note(notes[-1])
    checkpoint = Checkpoint.parse(newest.text)
    yield str(receipt).encode()
    yield proof.spell(receipt).encode()
    yield str(Extension(old=notes[1], new=notes[-1], proof=extension)).encode()
    yield str(Policy((key,), 1)).encode()
    yield notes[-1].encode()
    yield str(Request(old=2, proof=extension, note=newest, checkpoint=checkpoint)).encode()
    yield portable.Header(channel=toy.CHANNEL, entries=tree.size, head=tree.head).line
    yield portable.closing_line(notes[-1])
    yield next(tiles.tiles_of(tree.size)).path.encode()


def _wire() -> Iterator[bytes]:
    sealed = next(_envelope())
    yield wire.encode(schema.REQUEST, {"check_tx": {"tx": sealed, "type": 1}})
    yield wire.frame(wire.encode(schema.REQUEST, {"echo": {"message": "x"}}))
    yield transaction.bundled([sealed, transaction.stroke(toy.START, b"n")])
    yield transaction.dated(toy.START, sealed)


_SEEDS = {
    "csv": _csv, "xlsx": _xlsx, "xml": _xml, "camt": _camt, "draft": _draft, "profile": _profile,
    "encoding": _encoding, "cells": _cells, "ofd": _ofd, "einvoice": _einvoice,
    "picture": _picture, "envelope": _envelope, "entry": _entry, "proof": _proof, "wire": _wire,
}  # fmt: skip
