"""Electronic invoices in XML (电子发票): both shapes that tax authorities have issued.

    eInvoice     2019, GB/T 36609 era: InvoiceCode + InvoiceNo, GoodsInfos/GoodsInfo
    EInvoice     数电票 since 2021: InvoiceNumber of 20 digits, IssuItemInformation

Elements are known by their local names. Also the custom tags of an OFD use the names of the first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tallyport.evidence.documents.model import (
    XML_BP,
    Field,
    Finding,
    Item,
    Kind,
    RefusedError,
    Rule,
    Severity,
)
from tallyport.evidence.documents.tree import Element, first, local, parsed, text_of

ITEMS_MAX = 10_000  # An invoice with a list attached has some thousands.

FIELDS: Mapping[str, str] = {
    "InvoiceCode": "code",
    "InvoiceNo": "number",
    "IssueDate": "issued_on",
    "InvoiceCheckCode": "check_code",
    "BuyerName": "buyer_name",
    "BuyerTaxID": "buyer_tax_no",
    "SellerName": "seller_name",
    "SellerTaxID": "seller_tax_no",
    "TaxExclusiveTotalAmount": "net",
    "TaxTotalAmount": "tax",
    "TaxInclusiveTotalAmount": "total",
    "Note": "note",
    "InvoiceNumber": "number",
    "EIid": "number",
    "IssueTime": "issued_on",
    "BuyerIdNum": "buyer_tax_no",
    "SellerIdNum": "seller_tax_no",
    "TotalAmWithoutTax": "net",
    "TotalTaxAm": "tax",
    "TotalTax-includedAmount": "total",
    "TotalTax-includedAmountInChinese": "total_in_words",
    "Remark": "note",
}
# Forms of vehicle invoices name it otherwise from year to year.
_VIN_NAME = re.compile("vin|frame|chassis|vehicleident|车架|识别代", re.IGNORECASE)
_VIN = re.compile("[A-HJ-NPR-Z0-9]{17}")
_ITEMS = {
    "GoodsInfo": ("Item", "Quantity", "Price", "Amount", "TaxScheme", "TaxAmount"),
    "IssuItemInformation": ("ItemName", "Quantity", "UnPrice", "Amount", "TaxRate", "ComTaxAm"),
}


def read(
    content: bytes, origin: str
) -> tuple[Kind, tuple[Field, ...], tuple[Item, ...], tuple[Finding, ...]]:
    """Return what an e-invoice says.

    Raises:
        RefusedError: broken, hostile, or no e-invoice.
    """
    root = parsed(content, origin)
    if local(root).casefold() != "einvoice":
        raise RefusedError(
            Rule.UNKNOWN_FORM, "an e-invoice (eInvoice, EInvoice)", local(root)[:100], origin
        )
    fields: list[Field] = []
    items: list[Item] = []
    for element in root.iter():
        name = local(element)
        if name in _ITEMS and len(items) < ITEMS_MAX:
            items.append(_item(element, _ITEMS[name], f"{origin}: line {len(items) + 1}"))
        elif name in FIELDS and (value := text_of(element)):
            place = f"{origin}: {local(root)}/{name}"
            fields.append(Field(name=FIELDS[name], value=value, confidence_bp=XML_BP, origin=place))
        elif _VIN_NAME.search(name) and _VIN.fullmatch(value := text_of(element)):
            place = f"{origin}: {local(root)}/{name}"
            fields.append(Field(name="vin", value=value, confidence_bp=XML_BP, origin=place))
    kind = Kind.VEHICLE_INVOICE if any(one.name == "vin" for one in fields) else Kind.INVOICE
    return kind, tuple(fields), tuple(items), (_signature(root, origin),)


def _item(element: Element, names: tuple[str, ...], origin: str) -> Item:
    name, quantity, price, net, rate, tax = (text_of(first(element, one)) for one in names)
    return Item(
        name=name, quantity=quantity, price=price, net=net, rate=rate, tax=tax, origin=origin
    )


def _signature(root: Element, origin: str) -> Finding:
    """Say that the XML's own signature was not checked, or that there is none."""
    has_one = any(
        local(one) in {"Signature", "TaxBureauSignature"} and (len(one) or text_of(one))
        for one in root.iter()
    )
    if not has_one:
        return Finding(
            rule=Rule.UNSIGNED, severity=Severity.NOTE, expected="a signature", came="none",
            origin=origin,
        )  # fmt: skip
    return Finding(
        rule=Rule.SIGNATURE_UNCHECKED,
        severity=Severity.NOTE,
        expected="a signature with the certificate that made it",
        came="a signature without it: ask the tax authority's verification service",
        origin=origin,
    )
