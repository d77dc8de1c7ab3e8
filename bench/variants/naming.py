"""Other names from the same words (换名): BARAKA SOKOL EKSPRESS ─▶ KOMETA ALAY AVTOMIR.

Words of firms and persons are exchanged among themselves, one for one, differently in each copy. A
word keeps its script, its romanisation (ZH, J or DJ) and its case; a word with a slip gets a slip.
Chinese names are substituted character by character.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import cache

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

from variants.world import World

TRIES = 300  # Draws of a copy's names, of which the one with the fewest homonyms is taken.
KEPT = frozenset(
    ["LLC", "LLP", "LTD", "STI", "FZE", "FZCO", "CORP", "CO", "LIMITED", "IP", "IE", "OOO", "TOO",
     "OSOO", "ООО", "ТОО", "ОСОО", "ИП", "INN", "ИНН", "BANK", "COMMERCIAL"]
)  # fmt: skip
PATRONYMIC = re.compile("(?:VICH|VITCH|VNA|ВИЧ|ВНА|UGLI|KIZI)$")
FORMS_CHINESE = frozenset("有限责任公司个体")
HAN = re.compile("[\u4e00-\u9fff]")
ROMANISATIONS: Sequence[Sequence[tuple[str, str]]] = (
    (),
    (("YU", "IU"), ("YA", "IA"), ("Y", "I")),
    (("ZH", "J"), ("TS", "C"), ("YU", "IU"), ("YA", "IA"), ("Y", "I")),
    (("KH", "X"), ("DZH", "DDJ"), ("ZH", "DJ"), ("CH", "TCH"), ("SH", "SCH"), ("U", "OU"),
     ("YOU", "JU"), ("Y", "J"), ("TS", "TZ")),
    (("KH", "H"), ("ZH", "J"), ("YU", "JU"), ("YA", "JA"), ("Y", "J"), ("TS", "C")),
)  # fmt: skip
CYRILLIC = (
    ("SHCH", "Щ"), ("ZH", "Ж"), ("KH", "Х"), ("CH", "Ч"), ("SH", "Ш"), ("TS", "Ц"), ("YU", "Ю"),
    ("YA", "Я"), ("YO", "Ё"), ("AY", "АЙ"), ("EY", "ЕЙ"), ("IY", "ИЙ"), ("UY", "УЙ"),
)  # fmt: skip
SINGLE = dict(zip("ABVGDEZIKLMNOPRSTUFY", "АБВГДЕЗИКЛМНОПРСТУФЫ", strict=True))
IN_CYRILLIC = -1  # Instead of the number of a romanisation.
PARTICLE_MAX = 2
Words = tuple[str, ...]


class Renamer:
    """The words of the names of some worlds, and the names that were given away."""

    def __init__(self, worlds: Sequence[World], seed: int) -> None:
        """Take words from all of `worlds`; names to be changed are those of the first."""
        self._seed = seed
        firms, persons = zip(*(_parsed(world) for world in worlds), strict=True)
        all_firms = [words for some in firms for words in some]
        all_persons = [words for some in persons for words in some]
        self._pools = [
            sorted({words[-1] for words in all_firms}),
            sorted({word for words in all_firms for word in words[:-1]}),
            sorted({words[0] for words in all_persons}),
            sorted({words[1] for words in all_persons}),
        ]
        self._persons = all_persons
        self._own = [*firms[0], *persons[0]]
        self._given_away = set(self._own)

    def renaming(self, copy: int) -> Renaming:
        """Return the names of this copy."""
        chance = random.Random(f"{self._seed} names {copy}")  # noqa: S311 - Worlds, not keys.
        new = min((self._drawn(chance) for _ in range(TRIES)), key=self._homonyms)
        self._given_away |= self._names(new)
        return Renaming(new, self._persons, chance.randrange(1, 20_000))

    def _drawn(self, chance: random.Random) -> dict[str, str]:
        """Exchange words among themselves."""
        new: dict[str, str] = {}
        for pool in self._pools:
            free = [word for word in pool if word not in new]
            new |= dict(zip(free, chance.sample(free, len(free)), strict=True))
        return new

    def _names(self, new: dict[str, str]) -> set[Words]:
        return {tuple(new[word] for word in words) for words in self._own}

    def _homonyms(self, new: dict[str, str]) -> int:
        """Count the names that an earlier copy has too: nobody could tell them apart."""
        return len(self._names(new) & self._given_away)


class Renaming:
    """The exchange of words of one copy."""

    def __init__(self, new: dict[str, str], persons: Sequence[Words], step: int) -> None:
        self._new, self._persons, self._step = new, persons, step
        self._known: dict[str, tuple[str, int]] = {}
        self._done: dict[str, str] = {}
        for word in new:
            for number, form in enumerate(forms(word)):
                self._known.setdefault(form, (word, number))
        for word in new:
            self._known.setdefault(cyrillic(word), (word, IN_CYRILLIC))

    def name(self, text: str) -> str:
        """Return another name in the writing of `text`."""
        if HAN.search(text):
            return "".join(_han(sign, self._step) for sign in text)
        text = re.sub(r"(\w{3,}) (\w)\.", self._initial, text)
        return re.sub(r"[^\W\d_]+", self._word, text)

    def foreign(self, text: str) -> str:
        """Return another name, but leave Chinese ones: a bank writes so of its own country."""
        return text if HAN.search(text) else self.name(text)

    def _word(self, match: re.Match[str]) -> str:
        typed = match[0]
        if typed not in self._done:
            self._done[typed] = self._other(typed)
        return self._done[typed]

    def _other(self, typed: str) -> str:
        upper = typed.upper()
        if upper in KEPT or len(upper) <= PARTICLE_MAX or PATRONYMIC.search(upper):
            return typed
        form = upper
        if upper not in self._known:
            near = extractOne(upper, list(self._known), scorer=OSA.distance, score_cutoff=2)
            if near is None or (near[1] == 2 and len(upper) < 6):
                return typed
            form = near[0]
        word, number = self._known[form]
        new = self._new[word]
        other = cyrillic(new) if number == IN_CYRILLIC else forms(new)[number]
        if form != upper:
            other = slipped(other, random.Random(typed))  # noqa: S311 - Worlds, not keys.
        return other if typed.isupper() else other.capitalize()

    def _initial(self, match: re.Match[str]) -> str:
        """Exchange the initial of a person's first name."""
        family, letter = match[1], match[2]
        for surname, given in self._persons:
            if surname in (family.upper(), _latin(family.upper())) and (
                given[0] == _latin(letter.upper())[:1]
            ):
                new = self._new[given]
                return f"{family} {(new if letter.isascii() else cyrillic(new))[0]}."
        return match[0]


def _parsed(world: World) -> tuple[list[Words], list[Words]]:
    """Return the words of firms, and those of persons."""
    firms: list[Words] = []
    persons: list[Words] = []
    for name in world.truth["entities"]["name"]:
        quoted = re.search(r'"([^"]+)"', name)
        if quoted:
            firms.append(tuple(quoted[1].split()))
        else:
            persons.append(tuple(name.upper().removeprefix("IE ").split()))
    return firms, persons


@cache
def forms(word: str) -> Words:
    """Return the romanisations of a word."""
    made = []
    for replacements in ROMANISATIONS:
        form = word
        for old, new in replacements:
            form = form.replace(old, new)
        made.append(form)
    return tuple(made)


@cache
def cyrillic(word: str) -> str:
    """Return a word in Cyrillic letters."""
    for old, new in CYRILLIC:
        word = word.replace(old, new)
    return "".join(SINGLE.get(letter, letter) for letter in word)


def _latin(text: str) -> str:
    back = {new: old for old, new in (*SINGLE.items(), *CYRILLIC[:9])}
    return "".join(back.get(letter, letter) for letter in text)


def _han(sign: str, step: int) -> str:
    if sign in FORMS_CHINESE or not "\u4e00" <= sign <= "\u9fa5":
        return sign
    made = chr(0x4E00 + (ord(sign) - 0x4E00 + step) % (0x9FA5 - 0x4E00))
    return made if made not in FORMS_CHINESE else sign


def slipped(text: str, chance: random.Random) -> str:
    """Return `text` with one character lost, doubled or swapped with the next."""
    if len(text) < 3:
        return text
    at = chance.randrange(len(text) - 1)
    kind = chance.randrange(3)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at] + text[at:]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
