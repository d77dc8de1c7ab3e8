"""Names (名称): one form of a name across Cyrillic, Latin and its romanisations.

    ООО «АЛАЙ СЕРВИС»   LLC "ALAY SERVIS"   OOO ALAI SERVIS   ALAJ SERVIS LLC   ─▶  ALAI SERVIS
    ИП Шерматов Хуршид Чориевич             IE Shermatov Khurshid           ─▶  HURSHID SHERMATOV

Legal forms go, whatever side they stand on; so do tax numbers that a bank wrote behind the name. A
letter has one spelling: ж is J (written ZH, DJ, J), х is H (KH, X), ш SH (SCH), ч CH (TCH), ц C
(TS), у U (OU), э E (AE); й, и, ы, y are I. Of a person, the family and the first name remain, in
alphabetic order, and the patronymic goes; a name with initials names nobody for sure. A Chinese
name stays Chinese: it is tied to the others through the registry and the agreements it stands in.
"""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii

FORMS = frozenset(
    [
        "LLC",
        "LLP",
        "LTD",
        "STI",
        "FZE",
        "FZCO",
        "FZ",
        "CORP",
        "INC",
        "CO",
        "LIMITED",
        "IP",
        "IE",
        "JSC",
        "AO",
        "ZAO",
        "PAO",
        "OOO",
        "OAO",
        "TOO",
        "OSOO",
        "ООО",
        "ТОО",
        "ОСОО",
        "ИП",
        "АО",
        "ЗАО",
        "ПАО",
        "ОАО",
        "ЧП",
        "ГМБХ",
        "GMBH",
    ]
)
FORMS_CHINESE = re.compile(r"有限责任公司|有限公司|股份|责任公司|公司|（个体）|\(个体\)|个体")
TAX_MARK = re.compile(  # Cut off by the bank, perhaps; or mistyped, with a long number behind.
    r"\b(?:(?:INN|ИНН|BIN|БИН|IIN|ИИН|STIR|TIN|PIN)\s*[\d\s]*|[A-ZА-ЯЁ]{2,5}\s*\d[\d\s]{5,})$"
)
PATRONYMIC = re.compile(r"(?:OVICH|EVICH|IEVICH|OVNA|EVNA|UGLI|KIZI)$")
INITIALS = re.compile(r"\b[A-ZА-ЯЁ]\.\s*(?:[A-ZА-ЯЁ]{1,2}\.?)?$")

LETTERS_MAX = 2  # Of a word that is initials or a particle, not a name.
INITIAL = "~"  # Stands before an initial: such a form names nobody for sure.

# Cyrillic letters as the form below spells them.
CYRILLIC = {
    **dict(zip("АБВГДЕЗИЙКЛМНОПРСТУФЫЭЬЪ", [*"ABVGDEZIIKLMNOPRSTUFIE", "", ""], strict=True)),
    "Ё": "IE", "Ж": "J", "Х": "H", "Ц": "C", "Ч": "CH", "Ш": "SH", "Щ": "SH",
    "Ю": "IU", "Я": "IA", "Қ": "K", "Ғ": "G", "Ҳ": "H", "Ў": "U", "Ұ": "U", "Ү": "U",
    "Ә": "A", "Ө": "O", "Ң": "N", "І": "I", "Һ": "H",
}  # fmt: skip

# Romanisations, applied in this order.
LATIN = (
    (re.compile("(?<=[AEIOUY])J"), "I"),  # й; ж stands mostly before a vowel or as ZH, DJ.
    (re.compile("SCHTSCH|SHCH"), "SH"),
    (re.compile("TSCH|TCH"), "CH"),
    (re.compile("SCH"), "SH"),
    (re.compile("W"), "V"),
    (re.compile("DZH|DJ|ZH"), "J"),
    (re.compile("KH|X"), "H"),
    (re.compile("TS"), "C"),
    (re.compile("OU"), "U"),
    (re.compile("^AE"), "E"),
    (re.compile("Y"), "I"),
    (re.compile("IO"), "IE"),
    (re.compile("I{2,}"), "I"),
    (re.compile(r"(.)\1+"), r"\1"),
)


@lru_cache(maxsize=1_000_000)
def normal(name: str) -> str:
    """Return the one form of `name`; words in order for firms, sorted for persons."""
    upper = name.upper()
    if _is_chinese(upper):
        return re.sub(r"[\s·]", "", FORMS_CHINESE.sub("", upper))
    person = is_person(name)
    upper = TAX_MARK.sub("", upper)
    words = [word for word in re.split(r"[^A-ZА-ЯЁҚҒҲЎҰҮӘӨҢІҺ0-9]+", upper) if word]
    words = [word for word in words if word not in FORMS]
    spelled = [spelling(word) for word in words]
    if person:
        short = initials(name)
        if short is not None:
            return f"{short[0]} {INITIAL}{short[1]}"
        spelled = [
            word for word in spelled if len(word) > LETTERS_MAX and not PATRONYMIC.search(word)
        ]
        spelled = sorted(spelled[:3])
    return " ".join(spelled)


@lru_cache(maxsize=1_000_000)
def spelling(word: str) -> str:
    """Return the one spelling of a Cyrillic or Latin `word` in capitals."""
    if re.search("[А-ЯЁ]", word):
        word = "".join(CYRILLIC.get(letter, letter) for letter in word)
        return LATIN[-1][0].sub(r"\1", re.sub("I{2,}", "I", word.replace("IO", "IE")))
    word = anyascii(word).upper()
    for pattern, replacement in LATIN:
        word = pattern.sub(replacement, word)
    return word


def is_person(name: str) -> bool:
    """Tell a natural person: an entrepreneur, or a name with initials or a patronymic."""
    upper = name.upper()
    if re.search(r"\b(?:IP|IE|ИП|ЧП)\b|个体|·", upper) or INITIALS.search(upper.strip()):
        return True
    return any(
        PATRONYMIC.search(spelling(word)) for word in re.split(r"[^A-ZА-ЯЁ]+", upper) if word
    )


def initials(name: str) -> tuple[str, str] | None:
    """Return family name and first initial of a name like "SHERMATOV K.C.", or None."""
    upper = re.sub(r"\b(?:IP|IE|ИП|ЧП)\b", "", name.upper()).strip()
    match = re.fullmatch(
        r"([A-ZА-ЯЁ' -]{3,}?)\s+([A-ZА-ЯЁ]{1,2})\.\s*(?:[A-ZА-ЯЁ]{1,2}\.?)?", upper
    )
    if match is None:
        return None
    return spelling(match[1].strip()), spelling(match[2])[:1]


def _is_chinese(text: str) -> bool:
    return bool(re.search(r"[\u4e00-\u9fff]", text))
