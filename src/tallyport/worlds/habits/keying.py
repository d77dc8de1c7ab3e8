"""Slips of the finger (误录): a VIN, a number or a name that is not quite what was meant.

HLX33B128R1643455    HLX33B128R1634455    two neighbours swapped
                     HLX33B12BR1643455    8 taken for B
                     HLX33B128 R1643 455  typed in groups
                     ＨＬＸ３３Ｂ１２８    full-width letters of a Chinese keyboard
                     НLХ33В128R1643455    Cyrillic letters that look the same
                     R1643455, 643455     only the end of it
"""

from __future__ import annotations

from collections.abc import Callable

from tallyport.worlds.chance import Dice

ENDS = (8, 8, 6)  # How much of a VIN is left when only its end is given.

_LOOK_ALIKES = str.maketrans("ABCEHKMPTXY", "АВСЕНКМРТХУ")
_CONFUSED = {
    "0": "O",
    "O": "0",
    "1": "I",
    "5": "S",
    "S": "5",
    "8": "B",
    "B": "8",
    "2": "Z",
    "Z": "2",
    "6": "G",
    "G": "6",
}
_FULL_WIDTH_FROM = 0xFEE0

Slip = Callable[[Dice, str], str]


def swapped(dice: Dice, text: str) -> str:
    """Return `text` with two unlike neighbours swapped."""
    places = [at for at in range(len(text) - 1) if text[at] != text[at + 1]]
    if not places:
        return text
    at = dice.pick(places)
    return f"{text[:at]}{text[at + 1]}{text[at]}{text[at + 2 :]}"


def dropped(dice: Dice, text: str) -> str:
    """Return `text` without one character."""
    at = dice.between(0, len(text) - 1)
    return text[:at] + text[at + 1 :]


def confused(dice: Dice, text: str) -> str:
    """Return `text` with one character taken for another that looks like it."""
    places = [at for at, char in enumerate(text) if char in _CONFUSED]
    if not places:
        return text
    at = dice.pick(places)
    return text[:at] + _CONFUSED[text[at]] + text[at + 1 :]


def wrong_digit(dice: Dice, text: str) -> str:
    """Return `text` with one digit that is not the right one."""
    places = [at for at, char in enumerate(text) if char.isdigit()]
    if not places:
        return text
    at = dice.pick(places)
    digit = str((int(text[at]) + dice.between(1, 9)) % 10)
    return text[:at] + digit + text[at + 1 :]


def doubled_letter(dice: Dice, text: str) -> str:
    """Return `text` with one letter typed twice."""
    places = [at for at, char in enumerate(text) if char.isalpha()]
    if not places:
        return text
    at = dice.pick(places)
    return text[: at + 1] + text[at:]


def grouped(dice: Dice, text: str) -> str:
    """Return `text` in two or three groups."""
    for at in sorted(dice.some(range(3, len(text) - 2), dice.between(1, 2)), reverse=True):
        text = f"{text[:at]} {text[at:]}"
    return text


def lowered(_dice: Dice, text: str) -> str:
    """Return `text` in small letters."""
    return text.lower()


def full_width(_dice: Dice, text: str) -> str:
    """Return `text` in the full-width letters of a Chinese keyboard."""
    return "".join(
        chr(ord(char) + _FULL_WIDTH_FROM) if "!" <= char <= "~" else char for char in text
    )


def cyrillic(_dice: Dice, text: str) -> str:
    """Return `text` with Cyrillic letters wherever they look the same."""
    return text.translate(_LOOK_ALIKES)


def _undashed(_dice: Dice, text: str) -> str:
    return text.replace("-", "")


def _long_dash(_dice: Dice, text: str) -> str:
    return text.replace("-", "–")


def _spaced(_dice: Dice, text: str) -> str:
    return text.replace("-", " ")


def _apart(_dice: Dice, text: str) -> str:
    return f"{text[:-2]}-{text[-2:]}"


def _first_cyrillic(_dice: Dice, text: str) -> str:
    return text[0].translate(_LOOK_ALIKES) + text[1:]


_VIN_CHINA: tuple[tuple[Slip, int], ...] = (
    (swapped, 14),
    (dropped, 12),
    (confused, 14),
    (wrong_digit, 10),
    (grouped, 16),
    (lowered, 14),
    (full_width, 12),
    (cyrillic, 8),
)
_VIN_ABROAD: tuple[tuple[Slip, int], ...] = (
    (swapped, 16),
    (dropped, 14),
    (confused, 14),
    (wrong_digit, 10),
    (lowered, 12),
    (cyrillic, 34),
)
_NUMBER: tuple[tuple[Slip, int], ...] = (
    (swapped, 10),
    (dropped, 12),
    (wrong_digit, 6),
    (full_width, 8),
    (_undashed, 18),
    (_long_dash, 14),
    (_spaced, 10),
    (_apart, 10),
    (_first_cyrillic, 12),
)
_NAME: tuple[tuple[Slip, int], ...] = ((swapped, 35), (dropped, 40), (doubled_letter, 25))


def vin(dice: Dice, number: str) -> str:
    """Mistype a VIN as happens in China."""
    return dice.weigh(_VIN_CHINA)(dice, number)


def vin_abroad(dice: Dice, number: str) -> str:
    """Mistype a VIN as happens at a Russian keyboard, which has no full-width letters."""
    return dice.weigh(_VIN_ABROAD)(dice, number)


def vin_end(dice: Dice, number: str) -> str:
    """Give only the last eight or six characters."""
    return number[-dice.pick(ENDS) :]


def number(dice: Dice, text: str) -> str:
    """Mistype a contract number."""
    return dice.weigh(_NUMBER)(dice, text)


def name(dice: Dice, text: str) -> str:
    """Mistype a name."""
    return dice.weigh(_NAME)(dice, text)
