"""Who takes part (参与方) in a trade, and in which role.

    exporter          sells; has accounts in USD, CNY and perhaps RUB
    buyer             buys
    helper            pays for a buyer who authorised it
    risky             pays for a buyer from a country of high risk
    affiliate         belongs to a seller, abroad; the seller's money goes round through it
    stranger          on the watch list, never seen in the trade

One buyer in forty, and at least one, is on the watch list too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique

from tallyport.worlds.reality import names


@unique
class Role(StrEnum):
    """Why a party is in the world."""

    BUYER = "buyer"
    HELPER = "helper"
    RISKY = "risky"
    AFFILIATE = "seller_affiliate"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A legal form: in English, in Cyrillic, and as banks transliterate it."""

    english: str
    local: str
    bank: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A firm, or a sole trader where `is_person`; `local` is its name in Cyrillic letters."""

    id: str
    role: Role
    country: str
    form: Form
    local: str
    chinese: str
    suffix: str  # Behind the quoted name: LLC "MILAN" Group.
    tax_no: str
    address: str
    account_no: str
    bic: str
    is_person: bool = False
    is_watched: bool = False
    is_from_source: bool = False

    @property
    def english(self) -> str:
        """How the registry writes it in English."""
        if self.is_person:
            surname, given, _ = names.latin(self.local).split()
            return f"{self.form.english} {surname} {given}"
        suffix = f" {self.suffix}" if self.suffix else ""
        return f'{self.form.english} "{self.brand}"{suffix}'

    @property
    def brand(self) -> str:
        """Its bare name in Latin capitals."""
        return names.latin(self.local).upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """An exporter of the white list (白名单)."""

    prefix: str
    name_cn: str
    name_en: str
    tax_no: str
    customs_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A seller's bank account."""

    number: str
    seller: Seller
    currency: str
    bank: str
    bic: str

    @property
    def letter(self) -> str:
        """What the bank's references begin with."""
        return self.bank[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """An entry of the buyer registry. Some firms were registered twice, in another spelling."""

    code: str
    party: Party
    registered: date
    is_second: bool = False
    authorised_payer: Party | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchEntry:
    """An entry of the (fictional) watch list."""

    number: str
    programme: str
    party: Party
    shows_tax_no: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Everybody."""

    sellers: tuple[Seller, ...]
    accounts: tuple[Account, ...]
    buyers: tuple[Party, ...]
    registrations: tuple[Registration, ...]
    watch_list: tuple[WatchEntry, ...]
    risky: tuple[Party, ...]
    affiliates: Mapping[str, Party]  # By the seller's prefix.

    @property
    def milan(self) -> Party:
        """LLC "MILAN" Group, the buyer that source 000 names."""
        return self.buyers[0]

    @property
    def helpers(self) -> Mapping[str, Party]:
        """The firms that are authorised to pay for others, by the id of the buyer."""
        helpers: dict[str, Party] = {}
        for registration in self.registrations:
            if registration.authorised_payer is not None:
                helpers.setdefault(registration.party.id, registration.authorised_payer)
        return helpers

    @property
    def parties(self) -> tuple[Party, ...]:
        """Every party, each once, in the order of their ids."""
        found = {registration.party.id: registration.party for registration in self.registrations}
        found |= {entry.party.id: entry.party for entry in self.watch_list}
        found |= {party.id: party for party in (*self.risky, *self.affiliates.values())}
        return tuple(found[party_id] for party_id in sorted(found))
