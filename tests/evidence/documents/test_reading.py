"""Documents are read into what they say, and refused when they are broken or hostile.

Method: any bytes first (a property), then papers made here, then the shared samples by structure
alone, then a table of hostile files with the rule that refuses each.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import papers as make
from support.shared import shared
from tallyport.adapters import sm2, tongsuo
from tallyport.evidence.documents.duplicates import marked
from tallyport.evidence.documents.linking import link
from tallyport.evidence.documents.model import Form, Kind, Paper, Rule, Word
from tallyport.evidence.documents.reading import Tools, form_of, read
from tallyport.evidence.documents.seals import Crypto
from tallyport.evidence.documents.wording import TEXTS, sentence
from tallyport.kernel.keys import Suite

AS_OF = date(2024, 12, 31)


def _blind(_content: bytes, _form: Form) -> Sequence[Word]:
    return []


def _verify(public: bytes, message: bytes, signature: bytes) -> bool:
    return sm2.verify(Suite.SM2, public, message, signature)


TOOLS = Tools(see=_blind, crypto=Crypto(sm3=tongsuo.sm3, verify_sm2=_verify))


def _read(content: bytes, file: str = "paper") -> Paper:
    return read(file, content, TOOLS, as_of=AS_OF)


def _rules(paper: Paper) -> set[Rule]:
    return {one.rule for one in paper.findings}


# Any bytes.


@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"<eInvoice>", b"%PDF-1.4"]))
def test_any_bytes_are_a_paper_or_a_refusal(tail: bytes, head: bytes) -> None:
    """READ-DOC-1."""
    paper = _read(head + tail)
    assert paper.is_refused or paper.form is not Form.UNKNOWN
    assert all(sentence(one) for one in paper.findings)


@given(st.data())
def test_a_changed_package_is_a_paper_or_a_refusal(data: st.DataObject) -> None:
    """READ-DOC-1: bytes of a good package are changed anywhere."""
    content = bytearray(make.zipped(make.ofd_files(["发票"], attached=make.einvoice())))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    _read(bytes(content))


# Papers made here.


def test_digital_invoice() -> None:
    """Every field has its value, its element as origin, and full confidence."""
    paper = _read(make.einvoice())
    assert paper.kind is Kind.INVOICE
    assert paper.value("number") == "24999000000000000017"
    assert paper.value("total") == "113000.00"
    assert _rules(paper) == {Rule.UNSIGNED}
    assert {one.confidence_bp for one in paper.fields} == {10_000}
    assert all("EInvoice/" in one.origin for one in paper.fields)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (make.einvoice(total="113000.01"), Rule.TOTAL),
        (make.einvoice(words="壹拾贰万叁仟圆整"), Rule.WORDS),
        (make.einvoice(lines=[("100000.00", "13%", "12000.00")], tax="13000.00"), Rule.TAX),
        (make.einvoice(lines=[("90000.00", "13%", "11700.00")]), Rule.LINES),
        (make.einvoice(day="2099-01-01"), Rule.FUTURE),
    ],
)
def test_an_invoice_that_contradicts_itself(content: bytes, rule: Rule) -> None:
    """Arithmetic and days."""
    assert rule in _rules(_read(content))


def test_attached_invoice_agrees_with_page() -> None:
    """The attached XML is surest; a page that says another number contradicts it."""
    files = make.ofd_files(["发票号码：24999000000000000017"], attached=make.einvoice())
    paper = _read(make.zipped(files))
    assert paper.form is Form.OFD
    assert paper.kind is Kind.INVOICE
    assert paper.value("total") == "113000.00"
    assert len(paper.items) == 1


def test_a_broken_attachment_leaves_the_pages() -> None:
    """What is attached is not used; the paper is one still, and its twin a duplicate."""
    files = make.ofd_files(
        ["电子发票", "发票号码：24999000000000000017"], attached=b"<eInvoice><a>"
    )
    paper = _read(make.zipped(files))
    assert not paper.is_refused
    assert paper.value("number") == "24999000000000000017"
    assert Rule.BROKEN in _rules(paper)
    assert Rule.SAME_NUMBER in _rules(marked([_read(make.einvoice(), "first"), paper])[1])


def test_registration_by_labels() -> None:
    """Labels on a page name the fields."""
    texts = [
        "机动车登记证书",
        "车辆识别代号/车架号码 LSVCE2BR5N1041664",
        "注册登记日期：2023年02月28日",
    ]
    paper = _read(make.zipped(make.ofd_files(texts)))
    assert paper.kind is Kind.REGISTRATION
    assert paper.value("vin") == "LSVCE2BR5N1041664"
    assert paper.value("registered_on") == "2023年02月28"


def test_licence_by_labels() -> None:
    """A licence names the firm."""
    texts = ["营业执照", "统一社会信用代码：91350100MA00000009", "成立日期：2020年01月02日"]
    paper = _read(make.zipped(make.ofd_files(texts)))
    assert paper.kind is Kind.LICENCE
    assert paper.value("tax_no") == "91350100MA00000009"


def test_seal_holds_until_anything_changes() -> None:
    """A seal of GB/T 38540 holds; a changed page, description or key breaks it."""
    files = make.sealed(make.ofd_files(["发票"]), sm2.Signing(bytes(31) + b"\7"))
    assert _rules(_read(make.zipped(files))) == {Rule.SIGNED}
    page = "Doc_0/Pages/Page_0/Content.xml"
    described = "Doc_0/Signs/Sign_0/Signature.xml"
    value = "Doc_0/Signs/Sign_0/SignedValue.dat"
    for name, content in (
        (page, files[page].replace("发票".encode(), "收据".encode())),
        (described, files[described] + b" "),
        (value, files[value][:-1] + bytes([files[value][-1] ^ 1])),
    ):
        broken = _read(make.zipped({**files, name: content}))
        assert Rule.SIGNATURE_BROKEN in _rules(broken), name


def test_a_page_that_no_seal_protects_is_a_doubt() -> None:
    """Whoever has the package could have exchanged it, and the seal would hold."""
    files = make.sealed(make.ofd_files(["发票"]), sm2.Signing(bytes(31) + b"\7"), without="Page_0")
    (doubt,) = [
        one for one in _read(make.zipped(files)).findings if one.rule is Rule.SIGNATURE_UNCHECKED
    ]
    assert "Doc_0/Pages/Page_0/Content.xml" in doubt.came


def test_a_seal_that_is_not_known_is_not_called_checked() -> None:
    """Another form of signature: said, neither held nor broken."""
    files = make.sealed(make.ofd_files(["发票"]), sm2.Signing(bytes(31) + b"\7"))
    files["Doc_0/Signs/Sign_0/SignedValue.dat"] = make.der(0x30, make.der(2, b"\1"))
    assert _rules(_read(make.zipped(files))) == {Rule.SIGNATURE_UNCHECKED}


def test_duplicates() -> None:
    """Same bytes, same number in other bytes, same content without a number."""
    first, again = _read(make.einvoice(), "a"), _read(make.einvoice(), "b")
    other = _read(make.einvoice(note="x"), "c")
    found = marked([first, again, other])
    assert [_rules(one) & {Rule.SAME_BYTES, Rule.SAME_NUMBER} for one in found] == [
        set(), {Rule.SAME_BYTES}, {Rule.SAME_NUMBER},
    ]  # fmt: skip
    texts = ["行驶证", "车架号 LSVCE2BR5N1041664", "注册日期：2023年02月28日"]
    scans = [_read(make.zipped(make.ofd_files([*texts, mark])), mark) for mark in "de"]
    assert Rule.SAME_CONTENT in _rules(marked(scans)[1])


def test_one_invoice_with_and_without_its_code() -> None:
    """A number of twenty digits is enough; an older invoice is told by code and number."""
    page = ["电子发票", "发票代码：011002300111", "发票号码：24999000000000000017"]
    coded = _read(make.zipped(make.ofd_files(page)), "coded")
    assert Rule.SAME_NUMBER in _rules(marked([_read(make.einvoice()), coded])[1])
    old = [
        _read(
            make.zipped(make.ofd_files(["发票", f"发票代码：{code}", "发票号码：12345678"])), code
        )
        for code in ("011002300111", "011002300112")
    ]
    assert not _rules(marked(old)[1]) & {Rule.SAME_NUMBER}


def test_a_vin_is_known_by_any_name_it_may_have() -> None:
    """Elements of vehicle invoices are named one way or the other; their form is what counts."""
    for name in ("FrameNo", "VIN", "ChassisNumber"):
        more = f"<X><{name}>HLX33B128R1643455</{name}></X></EInvoiceData>"
        content = make.einvoice().decode().replace("</EInvoiceData>", more).encode()
        paper = _read(content)
        assert (paper.kind, paper.value("vin")) == (Kind.VEHICLE_INVOICE, "HLX33B128R1643455")


def test_exempt_lines_add_up() -> None:
    """Stars stand for no tax at all."""
    lines = [("60000.00", "免税", "***"), ("40000.00", "13%", "5200.00")]
    words = {"tax": "5200.00", "total": "105200.00", "words": "壹拾万伍仟贰佰圆整"}
    assert _rules(_read(make.einvoice(lines=lines, **words))) == {Rule.UNSIGNED}


def test_linking() -> None:
    """By invoice number with its amount, by VIN, by agreement number, or not at all."""
    import polars as pl  # noqa: PLC0415 - Here alone.

    tables = {
        "vehicle": pl.DataFrame({"vin": ["LSVCE2BR5N1041664"]}),
        "contract": pl.DataFrame({"contract_no": ["XJYO-2024040401"]}),
        "invoice": pl.DataFrame({"invoice_no": ["24999000000000000017"], "total_cny": ["1.00"]}),
    }
    registration = make.zipped(make.ofd_files(["行驶证", "车架号 LSVCE2BR5N1041664"]))
    found = link(
        [
            _read(make.einvoice()),
            _read(registration),
            _read(make.einvoice(number="24999000000000000018", note="XJYO-2024040401")),
            _read(make.einvoice(number="24999000000000000019")),
            _read(b"none"),
            _read(make.einvoice(number="24999000000000000020", note="车架号LSVCE2BR5N1041664。")),
        ],
        tables,
    )
    assert [one.kind for one in found] == [
        "invoice", "vehicle", "contract", "", "", "vehicle",
    ]  # fmt: skip
    assert Rule.AMOUNT_DIFFERS in _rules(found[0].paper)
    assert Rule.NO_DOSSIER in _rules(found[3].paper)


# The shared samples: structure alone, no name is spelled.


def test_sample_invoice_as_ofd() -> None:
    """Tags, page text and the document's own data agree with each other."""
    (path,) = [
        one for one in sorted(shared("data", "standards", "ofd").iterdir()) if "发票" in one.name
    ]
    paper = _read(path.read_bytes())
    wanted = {"number", "issued_on", "buyer_tax_no", "seller_tax_no", "net", "tax", "total"}
    assert wanted <= {one.name for one in paper.fields}
    assert len(paper.items) == 1
    assert _rules(paper) == {Rule.UNSIGNED}


def test_sample_invoice_as_xml() -> None:
    """Three lines that sum to the totals; its signature has no certificate with it."""
    (path,) = sorted(shared("data", "standards", "cn_einvoice_xml").iterdir())
    paper = _read(path.read_bytes())
    assert len(paper.items) == 3
    assert Rule.SIGNATURE_UNCHECKED in _rules(paper)
    assert not _rules(paper) & {Rule.LINES, Rule.TAX, Rule.TOTAL}


@pytest.mark.parametrize("part", ["helloworld", "AddAttachment"])
def test_sample_of_plain_text(part: str) -> None:
    """Text is read; it is no paper of the trade."""
    (path,) = [one for one in shared("data", "standards", "ofd").iterdir() if part in one.name]
    paper = _read(path.read_bytes())
    assert "OFD" in paper.text
    assert paper.kind is Kind.OTHER


# Hostile files.

GOOD = make.ofd_files(["发票"])
BOMB = b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><eInvoice>&c;</eInvoice>'
MANY = (
    b'<ofd:Document xmlns:ofd="x"><ofd:Pages>'
    + b"<ofd:Page/>" * 1_000
    + b"</ofd:Pages></ofd:Document>"
)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", Rule.EMPTY),
        (b"MZ\x90\x00", Rule.UNKNOWN_FORM),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Rule.UNKNOWN_FORM),
        (b"<html/>", Rule.UNKNOWN_FORM),
        (b"<eInvoice><a>", Rule.BROKEN),
        (BOMB, Rule.ENTITIES),
        (BOMB.decode().encode("utf-16"), Rule.ENTITIES),
        (make.zipped({**GOOD, "zeros": bytes(5 << 20)}), Rule.BOMB),
        (make.zipped({f"{n}": b"" for n in range(2_001)}), Rule.BOMB),
        (make.zipped({**GOOD, "../../etc/passwd": b"x"}), Rule.PATH),
        (make.zipped({**GOOD, "/etc/passwd": b"x"}), Rule.PATH),
        (make.zipped({**GOOD, "~": b"x"}).replace(b"~", b"\0"), Rule.PATH),
        (make.zipped(GOOD, zipfile.ZIP_LZMA), Rule.BROKEN),
        (make.zipped(GOOD, zipfile.ZIP_BZIP2), Rule.BROKEN),
        (make.zipped({**GOOD, "a.zip": make.zipped(GOOD)}), Rule.NESTED),
        (make.zipped({"OFD.xml": GOOD["OFD.xml"]}), Rule.BROKEN),
        (make.zipped({**GOOD, "OFD.xml": b"<OFD/>"}), Rule.BROKEN),
        (make.zipped({**GOOD, "OFD.xml": BOMB}), Rule.ENTITIES),
        (make.zipped({**GOOD, "Doc_0/Document.xml": MANY}), Rule.PAGES),
        (
            make.zipped({**GOOD, "OFD.xml": GOOD["OFD.xml"].replace(b"Doc_0", b"../../Doc_0")}),
            Rule.PATH,
        ),
        (make.zipped(GOOD)[:-30], Rule.BROKEN),
        (make.pdf(["x"], extra=b"/OpenAction << /S /JavaScript /JS (app.alert) >>"), Rule.ACTIVE),
        (make.pdf(["x"], extra=b"/OpenAction << /S /Launch /F (calc) >>"), Rule.ACTIVE),
        (make.pdf(["x"]) + make.zipped(GOOD), Rule.POLYGLOT),
    ],
)
def test_hostile_files_are_refused(content: bytes, rule: Rule) -> None:
    """Each with the rule that says why; nothing of it is used."""
    paper = _read(content)
    assert paper.is_refused
    assert _rules(paper) == {rule}
    assert not paper.fields


def test_a_picture_without_text_is_a_doubt() -> None:
    """Nothing was read: said, not hidden."""
    assert Rule.NOT_READ in _rules(_read(b"\x89PNG\r\n\x1a\n"))
    assert form_of(b"\xff\xd8\xff\xe0") is Form.PICTURE


def test_every_rule_is_worded() -> None:
    """In three languages."""
    assert set(TEXTS) == set(Rule)
    assert all(text.zh and text.en and text.ru for text in TEXTS.values())
