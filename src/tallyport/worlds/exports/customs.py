"""Customs (海关): GB18030 XML of the declarants, `Declaration` elements with `Goods` inside.

Habits: VINs in the goods line, in the note, or in no field at all ("see the papers enclosed"); the
contract number mistyped or missing; the consignee in one of four spellings; keyed in late.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal

from tallyport.worlds.files import Cell, File, amount, element, xml_file
from tallyport.worlds.habits import keying, spelling
from tallyport.worlds.habits.clerk import Clerk
from tallyport.worlds.reality.catalogue import Model
from tallyport.worlds.reality.model import Declaration, Goods, Line
from tallyport.worlds.reality.places import COUNTRY_CN
from tallyport.worlds.reality.simulate import Reality

_LABELS = ("车架号:", "VIN:", "底盘号:", "VIN码：", "车架号码 ")
_SEPARATORS = (",", "，", "、", ";", " / ")
_NOTES = ("二手车出口", "已办理出口许可证", "")
_ELSEWHERE = "详见随附单证"
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """A declaration as it was typed: header fields in order, goods lines in order."""

    head: dict[str, Cell]
    goods: tuple[dict[str, Cell], ...]


def export(world: Reality, clerk: Clerk) -> Iterator[File]:
    """Write the declarations by day."""
    forms = [_form(clerk, declaration) for declaration in world.declarations]
    forms = clerk.torn(forms, (_without_number, _without_day))
    forms = clerk.doubled(forms, 6)
    body = "\n".join(("<Declarations>", *map(_xml, forms), "</Declarations>"))
    yield xml_file("05_customs/declarations.xml", body, encoding="GB18030")


def _without_number(form: _Form) -> _Form:
    return replace(form, head={**form.head, "EntryId": ""})


def _without_day(form: _Form) -> _Form:
    return replace(form, head={**form.head, "DeclareDate": "2024????"})


def _xml(form: _Form) -> str:
    head = "".join(element(name, cell) for name, cell in form.head.items())
    goods = "\n".join(
        "<Goods>" + "".join(element(name, cell) for name, cell in line.items()) + "</Goods>"
        for line in form.goods
    )
    return f"<Declaration>{head}{goods}\n</Declaration>"


def _form(clerk: Clerk, declaration: Declaration) -> _Form:
    """Type one declaration."""
    seller, buyer = declaration.deals[0].seller, declaration.deals[0].buyer
    are_elsewhere, are_in_note = clerk.slips(170), clerk.slips(280)
    note = clerk.dice.pick(_NOTES)
    if are_elsewhere:
        note = f"{note} {_ELSEWHERE}".strip()
    elif are_in_note:
        note = f"{note} {_vins(clerk, declaration.lines)}".strip()
    is_silent = are_elsewhere or are_in_note
    head: dict[str, Cell] = {
        "EntryId": declaration.number,
        "PreEntryId": f"I{declaration.declared:%Y}{declaration.number[-9:]}",
        "ExitCustoms": declaration.border.office,
        "DeclareDate": f"{declaration.declared:%Y%m%d}",
        "ReleaseDate": f"{declaration.released:%Y%m%d}",
        "Exporter": seller.name_cn,
        "ExporterCode": seller.customs_code,
        "Consignee": spelling.on_paper(clerk, buyer),
        "ContrNo": _contract_ref(clerk, declaration, is_needed=are_elsewhere),
        "TradeMode": "一般贸易",
        "DestCountry": COUNTRY_CN[buyer.country],
        "TransMode": declaration.deals[0].incoterm,
        "Currency": declaration.currency,
        "TotalValue": amount(declaration.total_minor),
        "GrossWt": sum(line.vehicle.model.weight_kg for line in declaration.lines),
        "Packs": len(declaration.lines),
        "Note": note,
        "EnteredOn": f"{clerk.keyed(declaration.declared):%Y%m%d}",
    }
    goods = tuple(
        _goods(clerk, declaration, line, names_vins=not is_silent) for line in declaration.goods
    )
    return _Form(head=head, goods=goods)


def _goods(
    clerk: Clerk, declaration: Declaration, goods: Goods, *, names_vins: bool
) -> dict[str, Cell]:
    """Type one goods line."""
    model, total = goods.model, amount(goods.total_minor)
    specification = f"0|0|二手乘用车|{model.brand_cn}牌{model.name}|{_engine(model)}|5座"
    if names_vins:
        specification += f"|{_vins(clerk, goods.lines)}"
    is_electric = not model.engine_ml
    return {
        "EntryId": declaration.number,
        "GNo": goods.number,
        "CodeTS": model.hs_code,
        "GName": "二手纯电动小轿车" if is_electric else "二手小轿车",
        "GModel": specification,
        "Qty": len(goods.lines),
        "Unit": "辆",
        "UnitPrice": (total / len(goods.lines)).quantize(_CENT, rounding=ROUND_DOWN),
        "Total": total,
        "Currency": declaration.currency,
        "Origin": "日本" if model.prefix.startswith("J") else "中国",
    }


def _engine(model: Model) -> str:
    if model.engine_ml:
        return f"排量{model.engine_ml}mL"
    return f"电池{Decimal(model.battery_wh).scaleb(-3).quantize(Decimal('0.1'))}kWh"


def _vins(clerk: Clerk, lines: tuple[Line, ...]) -> str:
    """Name the vehicles, each as well as the declarant could type it."""
    typed = [
        keying.vin(clerk.dice, line.vehicle.vin) if clerk.slips(95) else line.vehicle.vin
        for line in lines
    ]
    return clerk.dice.pick(_LABELS) + clerk.dice.pick(_SEPARATORS).join(typed)


def _contract_ref(clerk: Clerk, declaration: Declaration, *, is_needed: bool) -> str:
    """Name the contracts; never left out where nothing else leads to the vehicles."""
    if clerk.slips(60) and not is_needed:
        return ""
    numbers = [
        keying.number(clerk.dice, deal.number) if clerk.slips(80) else deal.number
        for deal in declaration.deals
    ]
    return clerk.dice.pick(("/", ",", "、")).join(numbers)
