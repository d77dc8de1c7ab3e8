"""The words of the portal in three languages (文本目录), kept in YAML beside this module.

    overview.title: {en: Overview, zh: 总览, ru: Обзор}

Whatever a contract may refuse has its text too, keyed by the reason alone.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

LANGUAGES = ("en", "zh", "ru")
NAMES = {"en": "English", "zh": "中文", "ru": "Русский"}
FOLDER = Path(__file__).parent / "catalogue"
_REFUSALS = "refusal"


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Return every text by its key and language."""
    texts: dict[str, dict[str, str]] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        for group, keys in yaml.safe_load(path.read_text("utf-8")).items():
            texts.update({f"{group}.{key}": words for key, words in keys.items()})
    return texts


def say(key: str, language: str, **values: object) -> str:
    """Return the text of `key` with `values` put in; a text that is not there shows its key."""
    words = catalogue().get(key)
    return key if words is None else words[language].format(**values)


def word(group: str, value: str, language: str) -> str:
    """Return how people call `value`; what has no word yet keeps its own."""
    words = catalogue().get(f"{group}.{value}")
    return value.replace("_", " ") if words is None else words[language]


def refusal(reason: str, language: str) -> str:
    """Return why a command was refused, in words; `reason` is `contract.reason` or the reason."""
    return word(_REFUSALS, reason.rpartition(".")[2], language)
