"""How a party's name is written (名称写法): five ways for one buyer, none of them wrong.

LLC "MILAN" Group        the registry, most contracts
ООО «МИЛАН» Групп        papers from abroad; with straight quotes at the warehouse
OOO MILAN GROUP          her bank, in a transliteration of its own, perhaps with the tax number
米兰集团有限责任公司        a Chinese clerk
MILAN                    somebody in a hurry
"""

from __future__ import annotations

from tallyport.worlds.habits import keying
from tallyport.worlds.habits.clerk import Clerk
from tallyport.worlds.reality import names
from tallyport.worlds.reality.parties import Party

_OTHER_SCHEME_PER_MILLE = 380
_FORM_LAST_PER_MILLE = 180
_TAX_NO_PER_MILLE = 110
_TYPO_PER_MILLE = 35
_SUFFIX_LOCAL = {"Group": "Групп", "": ""}


def typed(clerk: Clerk, text: str) -> str:
    """Return `text` with a slip in it, now and then."""
    return keying.name(clerk.dice, text) if clerk.slips(_TYPO_PER_MILLE) else text


def chinese(party: Party) -> str:
    """Return the name in Chinese."""
    return f"{party.chinese}（个体）" if party.is_person else f"{party.chinese}有限责任公司"


def local(party: Party, quotes: str = "«»") -> str:
    """Return the name in Cyrillic letters."""
    if party.is_person:
        return f"{party.form.local} {party.local}"
    quoted = f"{quotes[0]}{party.local.upper()}{quotes[-1]}"
    return f"{party.form.local} {quoted} {_SUFFIX_LOCAL[party.suffix]}".rstrip()


def bank(party: Party) -> str:
    """Return the name as a bank transliterates it by the passport rules."""
    return f"{party.form.bank} {party.brand} {party.suffix.upper()}".rstrip()


def at_bank(clerk: Clerk, party: Party) -> str:
    """Return the name as the payer's bank writes it: its own scheme, form first or last."""
    scheme = clerk.dice.pick(names.SCHEMES)
    brand = names.latin(party.local, scheme).upper()
    if not clerk.slips(_OTHER_SCHEME_PER_MILLE):
        brand = party.brand
    brand = f"{brand} {party.suffix.upper()}".rstrip()
    if clerk.slips(_FORM_LAST_PER_MILLE):
        return f"{brand} {party.form.english}"
    tax = f" INN {party.tax_no}" if clerk.slips(_TAX_NO_PER_MILLE) else ""
    return typed(clerk, f"{party.form.bank} {brand}") + tax


def on_paper(clerk: Clerk, party: Party) -> str:
    """Return the name as a declarant or shipper copies it from some paper."""
    if clerk.slips(240):
        return typed(clerk, local(party))
    if clerk.slips(110):
        return typed(clerk, bank(party))
    if clerk.slips(60):
        return typed(clerk, party.brand)
    return typed(clerk, party.english)


def in_contract(clerk: Clerk, party: Party) -> str:
    """Return the name as the seller's office writes it."""
    if clerk.slips(150):
        return typed(clerk, chinese(party))
    if clerk.slips(60):
        return typed(clerk, party.brand)
    return typed(clerk, party.english)
