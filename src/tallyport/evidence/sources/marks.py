"""A YAML text as values that remember their line (带行号的 YAML).

A profile is written by people, so every mistake is answered with its line; the values that PyYAML
returns have none. Aliases are refused: a few lines of them can stand for a billion values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from tallyport.kernel.guard import FaultError

TEXT_MAX = 1_000_000  # Characters; the largest profile in use has twenty thousand.


class MarkError(FaultError):
    """The text is not plain YAML."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A value (str, list or dict of marked values) and the line it begins on."""

    value: str | list[Marked] | dict[str, Marked]
    line: int
    doubles: tuple[tuple[str, int], ...] = ()  # Keys given again, with their lines.
    is_null: bool = False

    def text(self) -> str | None:
        """Return the scalar, or None if this is a list or a mapping."""
        return self.value if isinstance(self.value, str) else None

    def entries(self) -> Iterator[tuple[str, Marked]]:
        """Yield the keys and values of a mapping; nothing for anything else."""
        if isinstance(self.value, dict):
            yield from self.value.items()


def parse(text: str) -> Marked:
    """Return the one document in `text`.

    Raises:
        MarkError: It is no YAML, is too long or uses aliases.
    """
    if len(text) > TEXT_MAX:
        message = f"expected at most {TEXT_MAX} characters, came {len(text)}"
        raise MarkError(message)
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if isinstance(token, yaml.AliasToken):
                message = f"line {token.start_mark.line + 1}: aliases (*name) are not allowed"
                raise MarkError(message)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise MarkError(" ".join(str(error).split())) from None
    if node is None:
        message = "the text is empty"
        raise MarkError(message)
    return _marked(node)


def _marked(node: yaml.Node) -> Marked:
    line = node.start_mark.line + 1
    match node:
        case yaml.MappingNode():
            pairs: dict[str, Marked] = {}
            doubles: list[tuple[str, int]] = []
            for key, value in node.value:
                name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
                if name in pairs:
                    doubles.append((name, key.start_mark.line + 1))
                pairs.setdefault(name, _marked(value))
            return Marked(value=pairs, line=line, doubles=tuple(doubles))
        case yaml.SequenceNode():
            return Marked(value=[_marked(item) for item in node.value], line=line)
        case _:
            is_null = node.tag == "tag:yaml.org,2002:null"
            return Marked(value=str(node.value), line=line, is_null=is_null)
