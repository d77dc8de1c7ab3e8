"""Make papers for tests: OFD packages, e-invoices, seals, PDF; with names of nobody."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Mapping, Sequence

from tallyport.adapters import sm2, tongsuo

SELLER_TAX_NO = "91350100MA0000000T"
BUYER_TAX_NO = "913501000000000000"
OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def einvoice(  # noqa: PLR0913 - Every part can be wrong.
    *,
    number: str = "24999000000000000017",
    lines: Sequence[tuple[str, str, str]] = (("100000.00", "13%", "13000.00"),),
    net: str = "100000.00",
    tax: str = "13000.00",
    total: str = "113000.00",
    words: str = "壹拾壹万叁仟圆整",
    day: str = "2024-05-28",
    note: str = "",
) -> bytes:
    """Return a digital e-invoice (数电票)."""
    items = "".join(
        f"<IssuItemInformation><ItemName>*机动车*乘用车</ItemName><Quantity>1</Quantity>"
        f"<UnPrice>{a}</UnPrice><Amount>{a}</Amount><TaxRate>{rate}</TaxRate>"
        f"<ComTaxAm>{duty}</ComTaxAm></IssuItemInformation>"
        for a, rate, duty in lines
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><EInvoice><EInvoiceData><SellerInformation>'
        "<SellerName>卡拉万汽车</SellerName></SellerInformation><BuyerInformation>"
        "<BuyerName>图尔帕尔</BuyerName></BuyerInformation><BasicInformation>"
        f"<TotalAmWithoutTax>{net}</TotalAmWithoutTax><TotalTaxAm>{tax}</TotalTaxAm>"
        f"<TotalTax-includedAmount>{total}</TotalTax-includedAmount>"
        f"<TotalTax-includedAmountInChinese>{words}</TotalTax-includedAmountInChinese>"
        f"</BasicInformation>{items}<AdditionalInformation><Remark>{note}</Remark>"
        f"</AdditionalInformation></EInvoiceData><TaxSupervisionInfo><InvoiceNumber>{number}"
        f"</InvoiceNumber><IssueTime>{day}</IssueTime></TaxSupervisionInfo></EInvoice>"
    ).encode()


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip package."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


def ofd_files(texts: Sequence[str], *, attached: bytes | None = None) -> dict[str, bytes]:
    """Return the files of an OFD with one page, a text object a line."""
    objects = "".join(
        f'<ofd:TextObject ID="{at + 10}" Boundary="20 {20 + 8 * at} 150 5" Size="3">'
        f'<ofd:TextCode X="0" Y="3">{text}</ofd:TextCode></ofd:TextObject>'
        for at, text in enumerate(texts)
    )
    more = "<ofd:Attachments>Attachments.xml</ofd:Attachments>" if attached else ""
    files = {
        "OFD.xml": f"<ofd:OFD {OFD}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
        "</ofd:DocBody></ofd:OFD>".encode(),
        "Doc_0/Document.xml": (
            f'<ofd:Document {OFD}><ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/>'
            f"</ofd:Pages>{more}</ofd:Document>"
        ).encode(),
        "Doc_0/Pages/Page_0/Content.xml": (
            f'<ofd:Page {OFD}><ofd:Content><ofd:Layer ID="2">{objects}</ofd:Layer></ofd:Content>'
            "</ofd:Page>"
        ).encode(),
    }
    if attached:
        files["Doc_0/original_invoice.xml"] = attached
        files["Doc_0/Attachments.xml"] = (
            f"<ofd:Attachments {OFD}><ofd:Attachment><ofd:FileLoc>original_invoice.xml"
            "</ofd:FileLoc></ofd:Attachment></ofd:Attachments>"
        ).encode()
    return files


def der(tag: int, *parts: bytes) -> bytes:
    """Return a DER value."""
    body = b"".join(parts)
    size = (
        bytes([len(body)])
        if len(body) < 128
        else bytes([0x80 + (len(body).bit_length() + 7) // 8])
        + len(body).to_bytes((len(body).bit_length() + 7) // 8)
    )
    return bytes([tag]) + size + body


_SM2_KEY = bytes.fromhex("2a811ccf5501822d")  # 1.2.156.10197.1.301
_SM2_SIGNATURE = bytes.fromhex("2a811ccf55018375")  # 1.2.156.10197.1.501


def certificate(public: bytes) -> bytes:
    """Return as much of an X.509 certificate as a key needs."""
    key = der(0x30, der(0x30, der(6, _SM2_KEY)), der(3, b"\0" + public))
    return der(0x30, der(0x30, der(2, b"\1"), key), der(0x30), der(3, b"\0"))


def sealed(
    files: dict[str, bytes], key: sm2.Signing, *, without: str = "nothing"
) -> dict[str, bytes]:
    """Return the package with a seal of GB/T 38540 over its files, less those named `without`."""
    body = files["OFD.xml"].replace(
        b"</ofd:DocBody>",
        b"<ofd:Signatures>Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody>",
    )
    files = {**files, "OFD.xml": body}
    references = "".join(
        f'<ofd:Reference FileRef="/{name}"><ofd:CheckValue>'
        f"{base64.b64encode(tongsuo.sm3(content)).decode()}</ofd:CheckValue></ofd:Reference>"
        for name, content in files.items()
        if without not in name
    )
    described = (
        f'<ofd:Signature {OFD}><ofd:SignedInfo><ofd:References CheckMethod="1.2.156.10197.1.401">'
        f"{references}</ofd:References></ofd:SignedInfo>"
        "<ofd:SignedValue>SignedValue.dat</ofd:SignedValue></ofd:Signature>"
    ).encode()
    part = der(
        0x30, der(2, b"\4"), der(0x30), der(0x18, b"20240528120000Z"),
        der(3, b"\0" + tongsuo.sm3(described)), der(0x16, b"/Doc_0/Signs/Sign_0/Signature.xml"),
    )  # fmt: skip
    value = der(
        0x30, part, der(4, certificate(key.public)), der(6, _SM2_SIGNATURE),
        der(3, b"\0" + (sm2.der_of(key.sign(part)) or b"")),
    )  # fmt: skip
    listing = (
        f'<ofd:Signatures {OFD}><ofd:Signature BaseLoc="Sign_0/Signature.xml"/></ofd:Signatures>'
    )
    return {
        **files,
        "Doc_0/Signs/Signatures.xml": listing.encode(),
        "Doc_0/Signs/Sign_0/Signature.xml": described,
        "Doc_0/Signs/Sign_0/SignedValue.dat": value,
    }


def pdf(lines: Sequence[str], *, extra: bytes = b"") -> bytes:
    """Return a PDF with a text layer of Latin letters."""
    return _pdf(
        "".join(
            f"BT /F1 12 Tf 50 {780 - 20 * n} Td ({one}) Tj ET\n" for n, one in enumerate(lines)
        ),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        extra,
    )


def chinese_pdf(rows: Sequence[Sequence[tuple[float, str]]]) -> bytes:
    """Return a PDF whose text layer has words at places from the left, a row under the other."""
    return _pdf(
        "".join(
            f"BT /F1 10 Tf {left} {780 - 20 * number} Td <{text.encode('utf-16-be').hex()}> Tj ET\n"
            for number, row in enumerate(rows)
            for left, text in row
        ),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H"
        b" /DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /DW 1000 >>] >>",
    )


def _pdf(drawn: str, font: bytes, extra: bytes = b"") -> bytes:
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R " + extra + b" >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn.encode()),
        font,
    ]
    out, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % at for at in places)
    return out + (
        b"xref\n0 6\n0000000000 65535 f \n%s"
        b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (table, len(out))
    )
