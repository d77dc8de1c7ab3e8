"""Several copies of a world as one (放大): numbers and names re-keyed, habits of writing kept.

    HLX33B124RB451Z34 ─▶ HLX33B124RB784Z67      a slip stays a slip: digits go one by one
    XJYO 2024040401   ─▶ XJBK 2024040401        blanks, look-alikes and full width stay
    T240100438        ─▶ T24310438              numbers without slips get the copy's number

Every copy has sellers, buyers, numbers and accounts of its own; days, prices and rates stay.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache

import polars as pl

from variants.naming import Renamer
from variants.world import World

SERIAL = 6
LETTER_OF = dict(zip("01258", "OIZSB", strict=True))
DIGIT_OF = {letter: digit for digit, letter in LETTER_OF.items()}
LATIN_OF = dict(zip("АВЕЗКМНОРСТУХІЅЈ", "ABE3KMHOPCTYXISJ", strict=True))
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
# Numbers that nobody types by hand; the copy's number takes the place of two zeros, or one.
PLAIN = re.compile(
    r"(?<![A-Z0-9])"
    r"([TI]24\d{4}(?=\d{7})|[TCR]24|(?:TAS|ALA|FRU|MOW)-П-24|ОТП-24|XJ\d{3}-24-|WX24|24652000000|"
    r"9\d{3}2024|6222|"
    r"E24|B0|WL-)(\d{3,16})(?![0-9])"
)
RUNNING = re.compile(
    r"[A-Z]{2,4}[- ]{0,3}[0-9O](?:[- ]?[0-9O]){6,8}[- ]?([0O])[- ]?[0-9](?![0-9O])"
)
MONEY = frozenset(
    [
        "单价",
        "总价",
        "合同总价",
        "金额",
        "税额",
        "价税合计",
        "外币金额",
        "应退税额",
        "opening_balance",
        "closing_balance",
        "amount",
        "instructed_amount",
        "charges",
    ]
)
TAX_NO = re.compile(r"\d+$")  # Behind the name of a payer, or its beginning.
NUMBERED = frozenset(
    [
        "waybill_no",
        "lock_no",
        "НомерАкта",
        "НомерОтпуска",
        "报告编号",
        "工单号",
        "发票号码",
        "entry_ref",
        "报关单号",
        "account_no",
        "НомерНакладной",
        "declaration_ref",
        "预录入编号",
        "买方编码",
        "list_id",
        "statement_no",
    ]
)


def inflated(
    world: World, copies: int, seed: int, words: Sequence[World] = (), *, own_sellers: bool = True
) -> World:
    """Return `copies` of `world` in one; names are made of its words and those of other worlds.

    Each copy has its `own_sellers`; else all copies are of the same ones, running numbers go on in
    the tens, and sums are whole multiples.
    """
    parts = [world]
    renamer = Renamer([world, *words], seed)
    taken = set(world.tables["sellers"]["seller_prefix"])
    for copy in range(1, copies):
        chance = random.Random(f"{seed} {copy}")  # noqa: S311 - Worlds, not keys.
        parts.append(Copy(world, copy, chance, renamer, taken if own_sellers else None).world())
    shared = {"fx_rates", "high_risk_countries"}
    if not own_sellers:
        shared |= {"sellers", "seller_accounts"}
    tables = {
        name: table if name in shared else pl.concat([part.tables[name] for part in parts])
        for name, table in world.tables.items()
    }
    truth = {name: pl.concat([part.truth[name] for part in parts]) for name in world.truth}
    return World(tables=tables, truth=truth)


class Copy:
    """One copy with its substitutions."""

    def __init__(
        self,
        world: World,
        copy: int,
        chance: random.Random,
        renamer: Renamer,
        taken: set[str] | None,
    ) -> None:
        self._of, self._copy, self._chance = world, copy, chance
        # No two of a hundred copies agree in both halves of a serial number.
        self._halves = (_shifted(copy % 10), _shifted((copy % 10 + copy // 10) % 10))
        renaming = renamer.renaming(copy)
        self._names, self._foreign = renaming.name, renaming.foreign
        vins = world.tables["stock"]["车架号"].to_list()
        self._stems = {vin[: 17 - SERIAL] for vin in vins}
        self._longer = {vin[: 17 - SERIAL // 2] for vin in vins}
        self._is_merged = taken is None
        self._prefix = self._prefixes(taken)
        letters = "|".join(self._prefix)
        self._cited = re.compile(rf"(?:{letters})(?=[- ]{{0,3}}[0-9O])")
        self._han = _substituted(chance)

    def _prefixes(self, taken: set[str] | None) -> dict[str, str]:
        if taken is None:
            return {one: one for one in self._of.tables["sellers"]["seller_prefix"]}
        made = {}
        for old in self._of.tables["sellers"]["seller_prefix"]:
            new = old
            while new in taken:
                new = "XJ" + "".join(self._chance.sample(LETTERS, 2))
            taken.add(new)
            made[old] = new
        return made

    def world(self) -> World:
        """Return the copy."""
        tables = {name: self._table(table) for name, table in self._of.tables.items()}
        truth = {name: self._truth(name, table) for name, table in self._of.truth.items()}
        return World(tables=tables, truth=truth)

    def _table(self, table: pl.DataFrame) -> pl.DataFrame:
        special = {
            "车架号": self._vin_text, "VIN": self._vin_text, "vin": self._vin_text,
            "规格型号": self._vin_text, "备注": self._both, "remittance_info": self._both,
            "合同号": self._contract, "合同协议号": self._contract, "contract_ref": self._contract,
            "seller_prefix": lambda text: self._prefix[text],
            "卖方": self._seller, "销售方名称": self._seller, "境内发货人": self._seller,
            "name_cn": self._seller, "name_en": lambda text: f"{text} {self._copy}",
            "uscc": self._code, "销售方识别号": self._code,
            "customs_code": self._code, "境内发货人代码": self._code,
            "税号": self._all, "tax_id": self._all, "counterparty_account": self._all,
            "买方名称": self._names, "英文名称": self._names, "当地文名称": self._names,
            "中文名称": self._names, "别名": self._names, "授权付款方": self._names,
            "购买方名称": self._names, "境外收货人": self._names, "consignee": self._names,
            "counterparty_name": lambda text: TAX_NO.sub(
                lambda digits: self._all(digits[0]), self._foreign(text)
            ),
            "Получатель": self._names,
            "name": self._names, "name_cyrillic": self._names,
        }  # fmt: skip
        plain = dict.fromkeys(NUMBERED, (self._plain,))
        if self._is_merged:
            for column in ("卖方", "销售方名称", "境内发货人", "销售方识别号", "境内发货人代码"):
                special[column] = _same
            plain["account_no"] = plain["statement_no"] = ()
            special |= dict.fromkeys(MONEY, self._more)
        changed = [column for column in table.columns if column in special or column in plain]
        return table.with_columns(
            _mapped(table[column], special.get(column, _same), *plain.get(column, ()))
            for column in changed
        )

    def _truth(self, name: str, table: pl.DataFrame) -> pl.DataFrame:
        def one(text: str) -> str:
            return self._plain(self._contract(self._vin_list(text)))

        if name == "entities":
            return table
        if name == "triads" and self._is_merged:
            amount = pl.col("amount_minor").cast(pl.Int64, strict=False) * (self._copy + 1)
            table = table.with_columns(amount.cast(pl.String).fill_null("").alias("amount_minor"))
        if name == "parties":
            entity = pl.col("entity") + f"-{self._copy}"
            return table.with_columns(_mapped(table["mention"], one), entity)
        return table.with_columns(_mapped(table[column], one) for column in table.columns)

    def _plain(self, text: str) -> str:
        return PLAIN.sub(self._numbered, text)

    def _numbered(self, match: re.Match[str]) -> str:
        """Add the copy's number to the digits, far above those that the world uses."""
        head, digits = match.groups()
        step = 10 ** (len(digits) - (1 if len(digits) < 5 else 2))
        return f"{head}{int(digits) + self._copy * step:0{len(digits)}d}"

    def _contract(self, text: str) -> str:
        folded = _folded(text)
        if len(folded) != len(text):
            return text
        made = list(text)
        if self._is_merged:
            for match in RUNNING.finditer(folded):
                at = match.start(1)
                made[at] = _styled(str(self._copy), text[at])
            return "".join(made)
        for match in self._cited.finditer(folded):
            new = self._prefix[match[0]]
            for at, letter in enumerate(new, start=match.start()):
                if folded[at] != letter:
                    made[at] = _styled(letter, text[at])
        return "".join(made)

    def _both(self, text: str) -> str:
        return self._vin_text(self._contract(text))

    def _vin_list(self, text: str) -> str:
        return ";".join(
            self._token(one) if re.fullmatch(r"[A-Z0-9]{17}", one) else one
            for one in text.split(";")
        )

    def _vin_text(self, text: str) -> str:
        """Substitute every vehicle number of a text, behind a label or alone."""
        if not text:
            return text
        if re.fullmatch(r"[A-Z0-9]{5,19}", _folded(text)):
            return self._token(text)
        label = re.search(r"(VIN码?|车架号码?|底盘号|CHASSIS|FRAME)[\s:：№.]*", _folded(text))
        if label is None or len(_folded(text)) != len(text):
            return text
        head, body = text[: label.end()], text[label.end() :]
        end = re.search(r"合同", body)
        tail = body[end.start() :] if end else ""
        body = body[: end.start()] if end else body
        parts = re.split(r"([,，;；、/\n\t|]+)", body)
        return head + "".join(self._spaced(part) for part in parts) + tail

    def _spaced(self, part: str) -> str:
        """Substitute a token that may be broken by blanks and dashes, or several of them."""
        plain = re.sub(r"[\s-]", "", part)
        if not re.search(r"\d", _folded(plain)):
            return part
        chunks = part.split()
        if len(chunks) > 1 and all(len(re.sub("-", "", one)) in (6, 8, 17) for one in chunks):
            return re.sub(r"\S+", lambda one: self._token(one[0]), part)
        return self._token(part)

    def _token(self, typed: str) -> str:
        """Substitute the serial number within one typed number, character by character."""
        at = [i for i, sign in enumerate(typed) if unicodedata.normalize("NFKC", sign).isalnum()]
        folded = [_folded(typed[i]) for i in at]
        code = "".join(folded)
        whole, half = 17 - SERIAL, SERIAL // 2
        first = whole if code[:whole] in self._stems else max(0, len(code) - SERIAL)
        middle = whole + half if code[: whole + half] in self._longer else len(code) - half
        made = list(typed)
        for place in range(first, len(code)):
            new = self._halves[place >= middle].get(code[place])
            if new is not None and new != code[place]:
                made[at[place]] = _styled(new, typed[at[place]])
        return "".join(made)

    def _code(self, text: str) -> str:
        """Put the copy's number into a seller's codes."""
        return f"{text[:4]}{20 + self._copy}{text[6:]}" if text else text

    def _all(self, text: str) -> str:
        """Substitute the digits of an account or tax number, every second one in its own way."""
        return "".join(
            self._halves[place % 2].get(sign, sign) if sign.isdigit() else sign
            for place, sign in enumerate(text)
        )

    def _more(self, text: str) -> str:
        """Multiply an amount by the number of the copy and one."""
        return str(Decimal(text) * (self._copy + 1)) if text else text

    def _seller(self, text: str) -> str:
        middle = text.removeprefix("新疆").removesuffix("汽车进出口有限公司")
        return text.replace(middle, "".join(self._han(sign) for sign in middle))


def _mapped(column: pl.Series, *functions: Callable[[str], str]) -> pl.Series:
    def all_of(text: str) -> str:
        for function in functions:
            text = function(text)
        return text

    new = {text: all_of(text) for text in column.unique() if text}
    return column.replace(list(new), list(new.values()))


def _same(text: str) -> str:
    return text


def _shifted(step: int) -> dict[str, str]:
    """Return a substitution of digits, and of the letters that are taken for them."""
    made = {digit: str((int(digit) + step) % 10) for digit in "0123456789"}
    slips = {letter: made[digit] for letter, digit in DIGIT_OF.items()}
    return made | {letter: LETTER_OF.get(digit, letter) for letter, digit in slips.items()}


def _substituted(chance: random.Random) -> Callable[[str], str]:
    """Return a one-to-one substitution of common Chinese characters."""
    step = chance.randrange(1, 20_000)

    def sign(one: str) -> str:
        if not "\u4e00" <= one <= "\u9fa5":
            return one
        return chr(0x4E00 + (ord(one) - 0x4E00 + step) % (0x9FA5 - 0x4E00))

    return sign


def _folded(text: str) -> str:
    """Return `text` sign by sign in capital Latin letters, half width, with one kind of dash."""
    return "".join(_folded_sign(sign) for sign in text)


@cache
def _folded_sign(sign: str) -> str:
    upper = unicodedata.normalize("NFKC", sign).upper()
    if len(upper) != 1:
        return sign
    return "-" if upper in "‐‑‒–—―−" else LATIN_OF.get(upper, upper)


def _styled(new: str, old: str) -> str:
    """Write `new` in the width and case of `old`."""
    if "！" <= old <= "～":
        return chr(ord(new) + 0xFEE0)
    return new.lower() if old.islower() else new
