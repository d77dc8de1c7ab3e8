"""A module as the audit reads it, and a finding about it (审计发现).

A line that breaks a rule for a good reason says so beside it, or on a line of its own above:

    while place & 1:  # audit: loop: each round halves it

The word is the rule's name, the rest is the reason; without a reason it allows nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tallyport.kernel.guard import FaultError

_ALLOWANCE = re.compile(r"# audit: ([a-z]+): (\S.*)$")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A place that breaks a rule, and what to do about it."""

    path: str
    line: int
    rule: str
    advice: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.advice}"


@dataclass(frozen=True)
class Source:
    """A module: its place, text and syntax tree."""

    path: Path
    shown: str  # The place as it is told.
    text: str
    tree: ast.Module = field(repr=False)

    @cached_property
    def allowances(self) -> dict[int, tuple[str, int]]:
        """Rule by the line that it is allowed on, with the line that says so."""
        found, lines = dict[int, tuple[str, int]](), self.text.splitlines()
        for number, line in enumerate(lines, start=1):
            said = _ALLOWANCE.search(line)
            if said is None:
                continue
            on = number
            while line.lstrip().startswith("#") and lines[on - 1].lstrip().startswith("#"):
                on += 1
                if on > len(lines):
                    break
            found[on] = (said[1], number)
        return found

    @cached_property
    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function and method."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        return [node for node in ast.walk(self.tree) if isinstance(node, kinds)]


Breach = tuple[int, str]  # Line, and what to do.
Rule = Callable[[Source], Iterator[Breach]]


def read_source(path: Path, root: Path) -> Source:
    """Read a module below `root`.

    Raises:
        FaultError: it cannot be read, or is not Python.
    """
    try:
        text = path.read_text("utf-8")
        tree = ast.parse(text)
    except (OSError, SyntaxError, ValueError) as error:
        raise FaultError(f"{path}: expected a Python module, got {error}") from error
    return Source(path, path.relative_to(root).as_posix(), text, tree)


def read_all(folder: Path, root: Path) -> list[Source]:
    """Read every module below `folder`, in order of their names."""
    return [read_source(path, root) for path in sorted(folder.rglob("*.py"))]


def called(node: ast.AST) -> str:
    """Return the last word of what a call calls, or nothing."""
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name
        case _:
            return ""


def dotted(node: ast.AST) -> str:
    """Return a name with its dots, or nothing."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            before = dotted(value)
            return f"{before}.{attr}" if before else ""
        case _:
            return ""


def imported(source: Source) -> Iterator[tuple[int, str]]:
    """Yield the line and full name of every module that is imported, anywhere in the module."""
    for node in ast.walk(source.tree):
        match node:
            case ast.Import(names=aliases):
                yield from ((node.lineno, alias.name) for alias in aliases)
            case ast.ImportFrom(module=module, level=level):
                yield node.lineno, "." * level + (module or "")
            case _:
                pass
