"""Read OFD (版式文档, GB/T 33190): page text, custom tags, attached e-invoice, signatures.

    OFD.xml ─▶ Document.xml ─▶ pages, each with its template      text in reading order
                           ├─▶ custom tags                        <InvoiceNo> is text object 6922
                           └─▶ attachments                        original_invoice.xml
           └─▶ Signatures.xml                                     see `seals`

The attached XML is surest, then tags, then what the document says of itself, then labels beside
values. Nothing is drawn and nothing is run.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tallyport.evidence.documents import einvoice, package, seals
from tallyport.evidence.documents.model import (
    TEXT_BP,
    Field,
    Finding,
    Item,
    Kind,
    RefusedError,
    Rule,
    Severity,
    Word,
)
from tallyport.evidence.documents.seals import Crypto
from tallyport.evidence.documents.tree import Element, first, local, parsed, text_of

ROOT = "OFD.xml"
PAGES_MAX = 200  # A contract with all its annexes.
TAG_BP = 9_900  # The tag is exact, the text it points to may be drawn in pieces.
_ITEM_TAGS = ("Amount", "TaxScheme", "TaxAmount", "Price", "Quantity")
_SAID = {
    "发票号码": "number", "发票代码": "code", "开票日期": "issued_on",
    "销售方纳税人识别号": "seller_tax_no", "购买方纳税人识别号": "buyer_tax_no",
    "合计金额": "net", "合计税额": "tax", "价税合计": "total", "发票校验码": "check_code",
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Read:
    """What an OFD holds; filled part by part."""

    files: Mapping[str, bytes]
    words: list[Word] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    kind: Kind = Kind.OTHER
    texts: dict[str, str] = field(default_factory=dict)  # Of text objects, by their number.
    pages: int = 0
    used: set[str] = field(default_factory=set)  # Files that words come from.

    def file(self, path: str) -> bytes:
        """Return a file of the package."""
        if path not in self.files:
            raise RefusedError(Rule.BROKEN, "all files that are named", f"no {path[:200]}")
        if path != ROOT:  # Its list of signatures grows with each of them.
            self.used.add(path)
        return self.files[path]


def resolve(at: str, path: str) -> str:
    """Return a path of the package that stands in the file `at`; a leading slash is the root."""
    joined = path[1:] if path.startswith("/") else posixpath.join(posixpath.dirname(at), path)
    plain = posixpath.normpath(joined) if joined else ""
    if plain.startswith(("..", "/")) or "\\" in plain:
        raise RefusedError(Rule.PATH, "paths inside of the package", path[:200], at)
    return plain


def read(content: bytes, crypto: Crypto) -> Read:
    """Return what an OFD says.

    Raises:
        RefusedError: broken or hostile.
    """
    found = Read(files=package.unpacked(content))
    root = parsed(found.file(ROOT), ROOT)
    bodies = [one for one in root if local(one) == "DocBody"]
    if not bodies:
        raise RefusedError(Rule.BROKEN, "a DocBody in OFD.xml", "none", "OFD.xml")
    for body in bodies[:10]:
        _said(found, body)
        _document(found, resolve("", text_of(first(body, "DocRoot"))))
        listing = text_of(first(body, "Signatures"))
        found.findings += (
            seals.check(found.files, resolve("", listing), resolve, crypto, found.used)
            if listing
            else [
                Finding(
                    rule=Rule.UNSIGNED,
                    severity=Severity.NOTE,
                    expected="a signature",
                    came="none",
                    origin="OFD.xml",
                )
            ]
        )
    return found


def _said(found: Read, body: Element) -> None:
    for one in body.iter():
        name = _SAID.get(one.get("Name", "")) if local(one) == "CustomData" else None
        if name and text_of(one):
            _add(found, name, text_of(one), f"OFD.xml: {one.get('Name')}")


def _add(found: Read, name: str, value: str, origin: str) -> None:
    found.fields.append(Field(name=name, value=value, confidence_bp=TAG_BP, origin=origin))


def _document(found: Read, place: str) -> None:
    root = parsed(found.file(place), place)
    templates = {
        one.get("ID", ""): resolve(place, one.get("BaseLoc", ""))
        for one in root.iter()
        if local(one) == "TemplatePage"
    }
    pages = [one for one in root.iter() if local(one) == "Page"]
    if len(pages) > PAGES_MAX:
        raise RefusedError(Rule.PAGES, f"at most {PAGES_MAX} pages", f"{len(pages)}", place)
    for page in pages:
        _page(found, resolve(place, page.get("BaseLoc", "")), templates)
    if tags := text_of(first(root, "CustomTags")):
        _tags(found, resolve(place, tags))
    if attached := text_of(first(root, "Attachments")):
        _attachments(found, resolve(place, attached))


def _page(found: Read, place: str, templates: Mapping[str, str]) -> None:
    found.pages += 1
    root = parsed(found.file(place), place)
    for one in root:
        background = templates.get(one.get("TemplateID", "")) if local(one) == "Template" else None
        if background:
            _texts(found, parsed(found.file(background), background), is_page=False)
    _texts(found, root, is_page=True)


def _texts(found: Read, root: Element, *, is_page: bool) -> None:
    for one in root.iter():
        if local(one) != "TextObject":
            continue
        box, size = _floats(one.get("Boundary", "")), _floats(one.get("Size", ""))
        left, top = (box[0], box[1]) if len(box) > 1 else (0.0, 0.0)
        said = ""
        for code in one:
            if local(code) == "TextCode" and text_of(code):
                said += text_of(code)
                x, y = _floats(code.get("X", "0")), _floats(code.get("Y", "0"))
                found.words.append(
                    Word(
                        text=text_of(code),
                        left=left + (x[0] if x else 0.0),
                        top=top + (y[0] if y else 0.0),
                        height=size[0] if size else 3.0,
                        page=found.pages,
                        confidence_bp=TEXT_BP,
                    )
                )
        if is_page:
            found.texts[one.get("ID", "")] = said


def _floats(text: str) -> list[float]:
    """Return numbers of a layout; they place words and nothing else."""
    try:
        return [float(one) for one in text.split()[:6]]
    except ValueError:
        return []


def _tags(found: Read, place: str) -> None:
    listing = parsed(found.file(place), place)
    for one in listing.iter():
        if local(one) == "FileLoc":
            path = resolve(place, text_of(one))
            _tag_file(found, parsed(found.file(path), path), path)


def _tag_file(found: Read, root: Element, place: str) -> None:
    columns: defaultdict[str, list[str]] = defaultdict(list)
    for one in root.iter():
        named = [text_of(child) for child in one if local(child) == "ObjectRef"]
        said = [found.texts.get(name, "") for name in named]
        if named:
            columns[local(one)] += said
            if local(one) in einvoice.FIELDS and "".join(said).strip():
                name = einvoice.FIELDS[local(one)]
                _add(found, name, "".join(said).strip(), f"{place}: {local(one)}")
    count = len(columns["Amount"])
    if found.fields and "InvoiceNo" in columns:
        found.kind = Kind.INVOICE
    if not count or found.items:
        return
    even = {name: columns[name] if len(columns[name]) == count else [""] * count
            for name in _ITEM_TAGS}  # fmt: skip
    names = columns["Item"] if len(columns["Item"]) == count else [""] * count
    if count == 1:
        names = ["".join(columns["Item"])]
    for at in range(count):
        net, rate, tax, price, quantity = (even[name][at] for name in _ITEM_TAGS)
        found.items.append(
            Item(
                name=names[at], quantity=quantity, price=price, net=net, rate=rate, tax=tax,
                origin=f"{place}: line {at + 1}",
            )
        )  # fmt: skip


def _attachments(found: Read, place: str) -> None:
    for one in parsed(found.file(place), place).iter():
        path = resolve(place, text_of(one)) if local(one) == "FileLoc" else ""
        content = found.files.get(path, b"")
        if not path.casefold().endswith(".xml") or b"nvoice" not in content[:2_000]:
            continue
        try:
            kind, fields, items, findings = einvoice.read(content, path)
        except RefusedError as refused:
            # The pages are still a paper, with its number; what is attached to it is not used.
            found.findings.append(replace(refused.finding, severity=Severity.DOUBT))
            continue
        found.used.add(path)
        found.kind, found.items = kind, list(items)
        found.fields += fields
        found.findings += findings
