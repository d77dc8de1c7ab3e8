"""Labels name values: behind them, below them, in two columns, in two languages, misread.

Method: pages are laid out here as words with places, as papers of each kind are; what a label names
must come out, and what has none only where a check sign vouches for it.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.papers import BUYER_TAX_NO, SELLER_TAX_NO
from tallyport.evidence.documents import labels, rows
from tallyport.evidence.documents.model import Kind, Word

VIN = "HLX33B128R1643455"  # Its check digit is right.
Row = Sequence[tuple[float, str]]


def page(*rows_: Row, sure: int = 9_000) -> list[Word]:
    """Return words at the given places from the left, a row under the other."""
    return [
        Word(text=text, left=left, top=20.0 * number, height=10.0, page=1, confidence_bp=sure)
        for number, row in enumerate(rows_, start=1)
        for left, text in row
    ]


def read(kind: Kind, *rows_: Row) -> dict[str, str]:
    """Return the fields of a page of this kind."""
    words = page(*rows_)
    assert labels.kind_of("\n".join(text for row in rows_ for _, text in row)) is kind
    return {one.name: one.value for one in labels.fields(words, kind)}


INVOICE: tuple[Row, ...] = (
    [(200, "电子发票（普通发票）"), (400, "发票号码："), (460, "24999000000000000017")],
    [(400, "开票日期："), (460, "2024"), (490, "年05月28日")],
    [(10, "名称："), (45, "图尔帕尔贸易"), (300, "名称："), (335, "卡拉万汽车")],
    [
        (10, "统一社会信用代码/纳税人识别号："), (180, BUYER_TAX_NO),
        (300, "统一社会信用代码/纳税人识别号："), (470, SELLER_TAX_NO),
    ],
    [
        (10, "*机动车*乘用车"), (130, "辆"), (160, "1"), (200, "100000.00"), (280, "100000.00"),
        (370, "13%"), (420, "13000.00"),
    ],
    [(30, "合"), (60, "计"), (280, "¥100000.00"), (420, "¥13000.00")],
    [(10, "价税合计（大写）"), (150, "壹拾壹万叁仟圆整"), (300, "（小写）"), (350, "¥113000.00")],
)  # fmt: skip


def test_invoice_in_two_columns() -> None:
    """The buyer stands to the left of the seller; net and tax share a line."""
    assert read(Kind.INVOICE, *INVOICE) == {
        "number": "24999000000000000017",
        "issued_on": "2024年05月28",
        "buyer_name": "图尔帕尔贸易",
        "seller_name": "卡拉万汽车",
        "buyer_tax_no": BUYER_TAX_NO,
        "seller_tax_no": SELLER_TAX_NO,
        "net": "100000.00",
        "tax": "13000.00",
        "total": "113000.00",
        "total_in_words": "壹拾壹万叁仟圆整",
    }


def test_lines_of_an_invoice() -> None:
    """Quantity, price, net, rate and tax; one that cannot be read, and none is returned."""
    (item,) = rows.items(page(*INVOICE))
    assert (item.quantity, item.price, item.net, item.rate, item.tax) == (
        "1", "100000.00", "100000.00", "13%", "13000.00",
    )  # fmt: skip
    assert rows.items(page(*INVOICE, [(10, "*机动车*挂车"), (130, "辆")])) == []


def test_amounts_prove_each_other() -> None:
    """The label of net and tax was not read, and what they add up to was; or nothing adds up."""
    misread = [[(30, "a it"), (280, "四 100000.00"), (420, "四 13000.00")]]
    found = read(Kind.INVOICE, INVOICE[0], *misread, [(300, "(小写 ) &113000.00")])
    assert (found["net"], found["tax"], found["total"]) == ("100000.00", "13000.00", "113000.00")
    found = read(Kind.INVOICE, INVOICE[0], *misread, [(300, "(小写 ) &113000.01")])
    assert not found.keys() & {"net", "tax"}


def test_a_speck_is_no_part_of_a_value() -> None:
    """Recognition puts marks between a label and its value, and is unsure of other words."""
    words = page([(10, "机动车行驶证")], [(10, "注册日期"), (60, "”2023-02-28")])
    words.append(Word(text="?", left=300, top=40, height=10, page=1, confidence_bp=100))
    (field,) = labels.fields(words, Kind.REGISTRATION)
    assert (field.name, field.value, field.confidence_bp) == ("registered_on", "2023-02-28", 9_000)


def test_a_page_that_is_not_upright() -> None:
    """The right column lies higher than the left one: the buyer stays the left one."""
    words = page([(10, "发票")], [], [(10, "名称：甲乙丙丁")])
    words.append(Word(text="名称：戊己庚辛", left=300, top=45, height=10, page=1, confidence_bp=1))
    found = {one.name: one.value for one in labels.fields(words, Kind.INVOICE)}
    assert found == {"buyer_name": "甲乙丙丁", "seller_name": "戊己庚辛"}


def test_licence_with_values_below() -> None:
    """The code stands under its label; letters of labels are set apart."""
    found = read(
        Kind.LICENCE,
        [(200, "营"), (230, "业"), (260, "执"), (290, "照")],
        [(10, "统一社会信用代码"), (300, "注册资本"), (360, "伍佰万元整")],
        [(10, SELLER_TAX_NO), (300, "成立日期"), (360, "2020年01月02日")],
        [(10, "名"), (50, "称"), (90, "卡拉万汽车有限公司")],
        [(10, "法定代表人"), (90, "甲乙丙")],
    )
    assert found == {
        "tax_no": SELLER_TAX_NO,
        "name": "卡拉万汽车有限公司",
        "legal_representative": "甲乙丙",
        "capital": "伍佰万元整",
        "founded_on": "2020年01月02",
    }


def test_vehicle_licence_in_two_languages() -> None:
    """The second language of a label stands between it and its value."""
    found = read(
        Kind.REGISTRATION,
        [(100, "中华人民共和国机动车行驶证")],
        [(10, "号牌号码"), (60, "Plate"), (90, "No."), (120, "新A12345")],
        [(10, "所"), (30, "有"), (50, "人"), (70, "Owner"), (120, "卡拉万汽车")],
        [
            (10, "品牌型号"),
            (60, "Model"),
            (120, "东风DFM7000"),
            (300, "车辆识别代号"),
            (370, "VIN"),
            (400, VIN),
        ],
        [(10, "注册日期"), (60, "2023-02-28"), (200, "发证日期"), (260, "2023-03-01")],
    )
    assert found == {
        "plate": "新A12345",
        "owner": "卡拉万汽车",
        "model": "东风DFM7000",
        "vin": VIN,
        "registered_on": "2023-02-28",
        "issued_on": "2023-03-01",
    }  # fmt: skip


@pytest.mark.parametrize("read_as", [VIN.replace("1", "I"), f"{VIN[:4]} {VIN[4:]}", VIN.lower()])
def test_a_misread_vin_is_set_right(read_as: str) -> None:
    """There is no I in a VIN, and no gap."""
    found = read(Kind.REGISTRATION, [(10, "行驶证")], [(10, "车架号"), (60, read_as)])
    assert found["vin"] == VIN


def test_what_has_no_label_is_known_by_its_check_sign() -> None:
    """One VIN on a vehicle's paper is its own, less surely; two or a wrong one tell nothing."""
    head: Row = [(10, "机动车登记证书")]
    (one,) = labels.fields(page(head, [(10, VIN)]), Kind.REGISTRATION)
    assert (one.value, one.confidence_bp) == (VIN, 7_200)
    other = "LSVCE2BR5N1041664"
    assert labels.fields(page(head, [(10, VIN)], [(10, other)]), Kind.REGISTRATION) == []
    assert labels.fields(page(head, [(10, VIN[:-1] + "6")]), Kind.REGISTRATION) == []


@given(st.lists(st.text("名称：:VIN 发票号码合计¥0123456789.*%/A税", max_size=60), max_size=12))
def test_any_words_are_fields_or_none(texts: list[str]) -> None:
    """Nothing is raised, whatever was recognised."""
    words = page(*([(10.0, text)] for text in texts))
    for kind in Kind:
        assert all(one.value for one in labels.fields(words, kind))
    rows.items(words)
