"""Read one file as a paper (读取单证): its first bytes say what it is, never its name.

    PK          OFD                    by ourselves
    <           XML e-invoice          by ourselves
    %PDF        text layer, else recognition of the drawn pages     a bounded process
    PNG, JPEG   recognition                                         a bounded process

A file is read or refused with a finding: whatever the bytes are, nothing is raised. Nothing in a
file is executed, fetched, or written to disk under a name of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from tallyport.evidence.documents import active, checks, einvoice, labels, ofd, order, rows
from tallyport.evidence.documents.model import (
    Field,
    Finding,
    Form,
    Item,
    Kind,
    Paper,
    RefusedError,
    Rule,
    Severity,
    Word,
)
from tallyport.evidence.documents.package import PACKAGE_BYTES_MAX
from tallyport.evidence.documents.seals import Crypto

TEXT_CHARS_MAX = 1_000_000  # Kept for showing; the longest contract has a tenth.
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


class SeeingError(Exception):
    """The pages of a file could not be seen; `rule` and `came` say why."""

    def __init__(self, rule: Rule, expected: str, came: str) -> None:
        super().__init__(came)
        self.rule, self.expected, self.came = rule, expected, came


See = Callable[[bytes, Form], Sequence[Word]]  # Raises SeeingError.


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What reading needs from the world."""

    see: See
    crypto: Crypto


def form_of(content: bytes) -> Form:
    """Return the form that the first bytes announce."""
    head = content[:1_024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if content.startswith(b"PK"):
        return Form.OFD
    if content.startswith(b"%PDF-"):
        return Form.PDF
    if content.startswith(_PICTURES):
        return Form.PICTURE
    if head.startswith(b"<") or content.startswith((b"\xff\xfe<\x00", b"\xfe\xff\x00<")):
        return Form.XML
    return Form.UNKNOWN


def read(file: str, content: bytes, tools: Tools, *, as_of: date) -> Paper:
    """Return what `content` says; a broken or hostile file is a paper with a refusal."""
    form = form_of(content)
    try:
        kind, fields, items, findings, text = _read(content, form, tools)
    except RefusedError as refused:
        kind, fields, items, text = Kind.OTHER, [], [], ""
        findings = [refused.finding]
    else:
        findings += checks.check(kind, fields, items, as_of)
    return Paper(
        file=file,
        sha256=hashlib.sha256(content).hexdigest(),
        form=form,
        kind=kind,
        fields=tuple(sorted(fields, key=lambda one: (-one.confidence_bp, one.name))),
        items=tuple(items),
        findings=tuple(findings),
        text=text[:TEXT_CHARS_MAX],
    )


_Said = tuple[Kind, list[Field], list[Item], list[Finding], str]


def _read(content: bytes, form: Form, tools: Tools) -> _Said:
    if not content:
        raise RefusedError(Rule.EMPTY, "a file with something in it", "0 bytes")
    if len(content) > PACKAGE_BYTES_MAX:
        raise RefusedError(
            Rule.TOO_LARGE, f"at most {PACKAGE_BYTES_MAX} bytes", f"{len(content)} bytes"
        )
    match form:
        case Form.OFD:
            found = ofd.read(content, tools.crypto)
            text = order.text(found.words)
            kind = found.kind if found.kind is not Kind.OTHER else labels.kind_of(text)
            known = {one.name for one in found.fields}
            more = [one for one in labels.fields(found.words, kind) if one.name not in known]
            drawn = [] if found.items or kind not in labels.INVOICES else rows.items(found.words)
            return kind, found.fields + more, found.items + drawn, found.findings, text
        case Form.XML:
            kind, fields, items, findings = einvoice.read(content, "XML")
            return kind, list(fields), list(items), list(findings), ""
        case Form.PDF | Form.PICTURE:
            return _seen(content, form, tools)
        case Form.UNKNOWN:
            raise RefusedError(
                Rule.UNKNOWN_FORM, "OFD, XML, PDF, PNG or JPEG", f"{content[:8]!r} at its beginning"
            )


def _seen(content: bytes, form: Form, tools: Tools) -> _Said:
    findings = _looked_at(content, form)
    try:
        words = tools.see(content, form)
    except SeeingError as stop:
        raise RefusedError(stop.rule, stop.expected, stop.came) from None
    text = order.text(words)
    kind = labels.kind_of(text)
    if not text:
        findings.append(_doubt(Rule.NOT_READ, "text", "none", form.value))
    items = rows.items(words) if kind in labels.INVOICES else []
    return kind, labels.fields(words, kind), items, findings, text


def _looked_at(content: bytes, form: Form) -> list[Finding]:
    """Refuse what would do something, or is something else too, before any library sees it."""
    findings = []
    if form is Form.PDF:
        if names := active.names(content):
            raise RefusedError(Rule.ACTIVE, "a PDF that does nothing", ", ".join(names))
        if active.has_attachments(content):
            findings.append(_doubt(Rule.NESTED, "a PDF alone", "files in it, not read", form.value))
    if b"PK\x03\x04" in content[-PACKAGE_BYTES_MAX:] and b"PK\x05\x06" in content[-70_000:]:
        raise RefusedError(Rule.POLYGLOT, f"one {form.value}", "a zip package behind it")
    return findings


def _doubt(rule: Rule, expected: str, came: str, origin: str) -> Finding:
    return Finding(rule=rule, severity=Severity.DOUBT, expected=expected, came=came, origin=origin)
