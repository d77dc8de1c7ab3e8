"""Each system's files look as its habits say, and as the reference world's files look.

Goal: one source profile reads this world and the reference world, and everything that makes
matching hard occurs. Method: headers and element names are compared with the reference world; at
noise 0 every cell is parsed strictly; at noise 1 every habit is looked for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest
from lxml import etree
from python_calamine import CalamineWorkbook

from support.shared import shared
from support.worlds import CAMT, Reader, Record, made, text_of

VIN = re.compile(r"[0-9A-HJ-NPR-Z]{17}")
ENCODINGS = {"02_vehicles": "gb18030", "07_overseas_warehouse": "windows-1251"}


@pytest.fixture(scope="module")
def clean() -> Iterator[Reader]:
    """Make a world without noise."""
    with made(vehicles=150, noise=0) as reader:
        yield reader


@pytest.fixture(scope="module")
def noisy() -> Iterator[Reader]:
    """Make a world of the size of the demo, at ordinary noise."""
    with made(vehicles=762) as reader:
        yield reader


# --- the same layout as the reference world --------------------------------------------------


def test_the_layout_is_that_of_the_reference_world(clean: Reader) -> None:
    """Equal files with equal headers, sheets and element names."""
    theirs = shared("worlds", "dev762")

    assert layout(clean.folder) == layout(theirs)


def layout(folder: Path) -> dict[str, object]:
    """Return what each file of a world is made of; the statements of all accounts count as one."""
    found: dict[str, object] = {}
    tags: set[str] = set()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or name.startswith("truth/") or name == "README.md":
            continue
        match path.suffix:
            case ".csv":
                encoding = ENCODINGS.get(path.parent.name, "utf-8")
                encoding = "gb18030" if path.name == "tax_rebate.csv" else encoding
                found[name] = path.read_bytes().decode(encoding).split("\r\n")[0]
            case ".xlsx":
                found[name] = sheets(path)
            case _ if path.parent.name == "09_bank":
                tags |= {str(element.tag) for element in etree.parse(str(path)).iter()}
            case _:
                declared = path.read_bytes()[:60].split(b"?>")[0]
                names = {str(element.tag) for element in etree.parse(str(path)).iter()}
                found[name] = (declared, names)
    return found | {"09_bank": tags}


def sheets(path: Path) -> dict[str, list[object]]:
    """Return the header of every sheet of a workbook."""
    workbook = CalamineWorkbook.from_path(str(path))
    return {
        name: list(workbook.get_sheet_by_name(name).to_python()[0]) for name in workbook.sheet_names
    }


# --- at noise 0 every cell can be parsed strictly --------------------------------------------


def slashed(text: str) -> date:
    """Parse Y/M/D."""
    year, month, day = text.split("/")
    return date(int(year), int(month), int(day))


def compact(text: str) -> date:
    """Parse YYYYMMDD."""
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def chinese(text: str) -> date:
    """Parse Y年M月D日."""
    year, month, day = re.fullmatch(r"(\d+)年(\d+)月(\d+)日", text).groups()  # type: ignore[union-attr]
    return date(int(year), int(month), int(day))


def dotted(text: str) -> date:
    """Parse DD.MM.YYYY."""
    day, month, year = text.split(".")
    assert len(year) == 4
    return date(int(year), int(month), int(day))


def vin(text: str) -> str:
    """Parse a whole VIN."""
    assert VIN.fullmatch(text), text
    return text


def moment(text: str) -> datetime | None:
    """Parse a moment with an offset, or none."""
    if not text:
        return None
    parsed = datetime.fromisoformat(text)
    assert parsed.tzinfo is not None
    return parsed


def optional(parse: Callable[[str], object]) -> Callable[[str], object]:
    """Parse an empty cell too."""
    return lambda text: parse(text) if text else None


def check(rows: list[Record], parsers: Mapping[str, Callable[[str], object]]) -> None:
    """Parse the named cells of every row."""
    assert rows
    for row in rows:
        for column, parse in parsers.items():
            parse(row[column])


def test_orders_stock_and_history_are_clean(clean: Reader) -> None:
    """Systems 1 to 4."""
    check(clean.contracts, {"签订日期": slashed, "台数": int, "合同总价": Decimal})
    check(clean.contract_lines, {"行号": int, "车架号": vin, "年款": int, "单价": Decimal})
    check(
        clean.stock,
        {
            "车架号": vin,
            "年款": int,
            "排量mL": int,
            "电池健康度%": optional(Decimal),
            "表显里程km": int,
            "初次登记日期": date.fromisoformat,
            "收购日期": date.fromisoformat,
            "收购成本万元": Decimal,
        },
    )
    check(
        clean.inspections,
        {"VIN": vin, "InspectDate": compact, "Body": int, "Total": Decimal, "EnteredOn": compact},
    )
    check(clean.services, {"车架号": vin, "日期": chinese, "里程": int, "费用元": int})


def test_customs_and_roads_are_clean(clean: Reader) -> None:
    """Systems 5 to 7."""
    check(
        [head for head, _ in clean.declarations],
        {"EntryId": int, "DeclareDate": compact, "ReleaseDate": compact, "TotalValue": Decimal},
    )
    check(
        [line for _, goods in clean.declarations for line in goods],
        {"GNo": int, "CodeTS": int, "Qty": int, "UnitPrice": Decimal, "Total": Decimal},
    )
    check(clean.logistics("waybills"), {"departed_at": moment, "cars": int})
    check(clean.logistics("waybill_cars"), {"seq": int, "vin": vin})
    check(clean.logistics("legs"), {"departed_at": moment, "arrived_at": moment})
    check(
        clean.logistics("lock_events"),
        {"time_utc": datetime.fromisoformat, "battery_pct": int, "temp_c": int},
    )
    check(
        clean.warehouse("receipts"),
        {"ДатаПриемки": dotted, "VIN": vin, "Пробег_км": int, "ДатаВвода": dotted},
    )
    check(clean.warehouse("releases"), {"ДатаОтпуска": dotted, "VIN": vin})
    check(clean.warehouse("stock_count"), {"ДатаИнвентаризации": dotted, "VIN": vin})


def test_papers_and_money_are_clean(clean: Reader) -> None:
    """Systems 8 and 9, the registry, the reference data."""
    check(
        clean.invoices,
        {"开票日期": date.fromisoformat, "数量": int, "价税合计": Decimal, "汇率": Decimal},
    )
    check(
        clean.rebates,
        {"应退税额": Decimal, "申报日期": optional(slashed), "到账日期": optional(slashed)},
    )
    check(clean.entries, {"amount": Decimal, "booked": date.fromisoformat})
    check(clean.buyers, {"登记日期": date.fromisoformat})
    check(
        clean.table("reference/fx_rates.csv"),
        {"date": date.fromisoformat, "CNY_per_usd": Decimal, "UZS_per_usd": Decimal},
    )
    check(clean.table("reference/watchlist.csv"), {"listed_on": date.fromisoformat})
    assert len(clean.table("reference/fx_rates.csv")) == 366


def test_a_clean_world_refers_to_what_exists(clean: Reader) -> None:
    """At noise 0 an exact join finds every vehicle and every contract."""
    contracts = {row["合同号"] for row in clean.contracts}
    stock = {row["车架号"] for row in clean.stock}

    assert {row["vin"] for row in clean.logistics("waybill_cars")} <= stock
    assert {row["VIN"] for row in clean.warehouse("receipts")} <= stock
    for head, _ in clean.declarations:
        assert set(re.split("[/,、]", head["ContrNo"])) <= contracts
    known = [row["id"] for row in clean.entries]
    assert len(known) == len(set(known))
    receipts = {
        row["payment_id"]: row["contract_no"]
        for row in clean.truth("bank_entries")
        if row["kind"] == "receipt"
    }
    for row in clean.entries:
        if row["id"] in receipts:
            assert receipts[row["id"]] in row["remittance"]


def test_statements_keep_the_order_of_the_standard(clean: Reader) -> None:
    """Elements of an entry stand in the sequence that camt.053.001.08 lays down."""
    order = ["NtryRef", "Amt", "CdtDbtInd", "Sts", "BookgDt", "ValDt", "AcctSvcrRef", "BkTxCd"]
    details = ["AmtDtls", "Chrgs", "RltdPties", "RltdAgts", "RmtInf"]
    for statement in clean.statements:
        for entry in statement.iter(f"{CAMT}Ntry"):
            tags = [str(child.tag).removeprefix(CAMT) for child in entry]
            assert tags == [*order, "NtryDtls"]
            inner = [str(c.tag).removeprefix(CAMT) for c in next(entry.iter(f"{CAMT}TxDtls"))]
            assert inner == [name for name in details if name in inner]
            assert text_of(entry, "Amt")


# --- at noise 1 every habit occurs ------------------------------------------------------------


def test_vins_suffer_in_every_way(noisy: Reader) -> None:
    """Shortened, grouped, small, full-width, Cyrillic, mistyped; the stock record stays right."""
    stock = {row["车架号"] for row in noisy.stock}
    declared = [line["GModel"] for _, goods in noisy.declarations for line in goods]
    declared += [head["Note"] for head, _ in noisy.declarations]
    text = "\n".join(declared)
    on_road = [row["vin"] for row in noisy.logistics("waybill_cars")]
    received = [row["VIN"] for row in noisy.warehouse("receipts")]

    assert all(VIN.fullmatch(number) for number in stock - {""})
    assert re.search(r"[Ａ-Ｚ０-９]{10}", text)
    assert re.search(r"\b[a-z0-9]{17}\b", text)
    assert re.search(r"[АВСЕНКМРТХУ]", text)
    assert {len(number) for number in on_road} >= {6, 8, 17}
    assert {len(number) for number in received} >= {6, 8, 17}
    assert any(re.search("[А-Я]", number) for number in received)
    assert any(len(number) == 17 and number not in stock for number in on_road)
    assert any("详见随附单证" in head["Note"] for head, _ in noisy.declarations)


def test_references_are_missing_or_mistyped(noisy: Reader) -> None:
    """Contract, declaration, waybill and buyer's code."""
    contracts = {row["合同号"] for row in noisy.contracts}
    waybills = noisy.logistics("waybills")
    numbers = {row["waybill_no"] for row in waybills}

    assert any(not head["ContrNo"] for head, _ in noisy.declarations)
    assert any(
        head["ContrNo"] and head["ContrNo"] not in contracts for head, _ in noisy.declarations
    )
    assert any(not row["contract_ref"] for row in waybills)
    assert any(not row["declaration_ref"] for row in waybills)
    assert any(not row["买方编码"] for row in noisy.contracts)
    refs = [row["НомерНакладной"] for row in noisy.warehouse("receipts")]
    assert "" in refs
    assert any(ref and ref not in numbers for ref in refs)


def test_names_are_spelt_in_many_ways(noisy: Reader) -> None:
    """One buyer under several names; some firms twice in the registry."""
    entity = {row["mention"]: row["entity"] for row in noisy.truth("parties")}
    paid = {(entity.get(f"payment:{row['id']}", ""), row["name"]) for row in noisy.entries}
    spellings = Counter(payer for payer, _ in paid if payer)
    names = {head["Consignee"] for head, _ in noisy.declarations}
    codes = [row["买方编码"] for row in noisy.buyers if row["买方编码"]]
    twice = Counter(entity[f"registry:{code}"] for code in codes)

    assert max(spellings.values()) >= 3
    assert any(re.search("[А-Я]", name) for name in names)
    assert any(re.search("[一-龥]", row["买方名称"]) for row in noisy.contracts)
    assert max(twice.values()) == 2
    assert 'LLC "MILAN" Group' in {row["英文名称"] for row in noisy.buyers}


def test_days_are_keyed_late_and_in_other_formats(noisy: Reader) -> None:
    """An act may be keyed in a month later; years of two digits, numbers of a spreadsheet."""
    acts = [
        row
        for row in noisy.warehouse("receipts")
        if re.fullmatch(r"\d\d\.\d\d\.\d{4}", row["ДатаПриемки"])
    ]
    acts = [row for row in acts if row["ДатаПриемки"] != "31.02.2024"]
    delays = [(dotted(row["ДатаВвода"]) - dotted(row["ДатаПриемки"])).days for row in acts]

    assert max(delays) >= 28
    assert min(delays) == 0
    assert any(
        re.fullmatch(r"\d\d\.\d\d\.\d\d", row["ДатаПриемки"]) for row in noisy.warehouse("receipts")
    )
    assert any(re.fullmatch(r"\d{5}", row["签订日期"]) for row in noisy.contracts)


def test_money_comes_in_every_way(noisy: Reader) -> None:
    """In parts, for two deals at once, exchanged, less charges, too much, by others; or back."""
    settlements: dict[str, set[tuple[str, str, str]]] = {}
    for row in noisy.truth("payment_allocations"):
        key = (row["contract_no"], row["item"], row["shipment"])
        settlements.setdefault(row["payment_id"], set()).add(key)
    parts = Counter(key for keys in settlements.values() for key in keys)
    payments = noisy.truth("payments")
    buyers = {row["entity"] for row in noisy.truth("entities") if row["role"] == "buyer"}
    payers = {
        row["entity"] for row in noisy.truth("parties") if row["mention"].startswith("payment:")
    }
    kinds = {row["kind"] for row in noisy.truth("bank_entries")}

    assert max(parts.values()) >= 3
    assert max(len({key[0] for key in keys}) for keys in settlements.values()) == 2
    assert any(row["currency"] != row["statement_currency"] for row in payments)
    assert any(int(row["charges_minor"]) for row in payments)
    assert any(int(row["unallocated_minor"]) for row in payments)
    assert payers - buyers
    assert {"refund_over", "refund_after_financing", "circular_out", "financing"} <= kinds
    assert any("FOR CARS VIN" in row["remittance"] for row in noisy.entries)
    assert any(row["rate"] for row in noisy.entries)


def test_every_torn_row_stands_again_whole(noisy: Reader) -> None:
    """A quarantine has something to show in every system, and nothing is lost by it."""
    torn = {
        "contracts": [
            row for row in noisy.contracts if row["合同号"] == "" or row["签订日期"] == "2024/13/45"
        ],
        "stock": [
            row for row in noisy.stock if not row["车架号"] or not row["表显里程km"].isdigit()
        ],
        "inspections": [row for row in noisy.inspections if not row["VIN"]],
        "services": [row for row in noisy.services if row["日期"] == "2024年2月30日"],
        "declarations": [head for head, _ in noisy.declarations if not head["EntryId"]],
        "waybills": [row for row in noisy.logistics("waybills") if row["departed_at"] == "soon"],
        "locks": [
            row for row in noisy.logistics("lock_events") if row["time_utc"].startswith("0000")
        ],
        "receipts": [row for row in noisy.warehouse("receipts") if not row["НомерАкта"]],
        "invoices": [row for row in noisy.invoices if not row["发票号码"]],
        "rebates": [row for row in noisy.rebates if row["申报日期"] == "2024/00/00"],
        "bank": [row for row in noisy.entries if not is_number(row["amount"])],
        "buyers": [row for row in noisy.buyers if not row["买方编码"]],
    }
    assert {name for name, rows in torn.items() if not rows} == set()
    assert sum(len(rows) for rows in torn.values()) < 60
    whole = {row["id"] for row in noisy.entries if is_number(row["amount"])}
    assert {row["id"] for row in torn["bank"]} <= whole
    reports = {row["ReportNo"] for row in noisy.inspections if row["VIN"]}
    assert {row["ReportNo"] for row in torn["inspections"]} <= reports


def is_number(text: str) -> bool:
    """Return whether `text` is a decimal number."""
    try:
        Decimal(text)
    except InvalidOperation:
        return False
    return True


def test_some_rows_come_twice(noisy: Reader) -> None:
    """A second delivery of the same row, equal in every cell."""
    for rows in (noisy.stock, noisy.services, noisy.warehouse("receipts"), noisy.invoices):
        counted = Counter(tuple(row.values()) for row in rows)
        assert max(counted.values()) == 2
