"""House rules that no formatter knows (docs/STYLE.md). Reports every breach, not just the first.

Goal: what the style guide says in words is kept without anybody watching. Method: each rule reads
the syntax tree of one module and yields its breaches; the rules themselves are tried on planted
ones.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import pytest

import docs_tables

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "tallyport"
MODULES = sorted(SRC.rglob("*.py"))
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())
WORLD = {
    module
    for contract in SETTINGS["tool"]["importlinter"]["contracts"]
    if contract["id"] == "purity"
    for module in contract["forbidden_modules"]
}

PURE = {"kernel", "ledger", "contracts"}
NAMELESS = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "base", "misc"}
FUNCTION_LINES_MAX = 60
MODULE_LINES_MAX = 400
MODULE_LINES_MEDIAN = 120
ARGUMENTS_MAX = 7

Rule = Callable[[ast.Module], Iterator[str]]


# Rules for every module of src.


def documentation(tree: ast.Module) -> Iterator[str]:
    """Every module says first what it is."""
    if not ast.get_docstring(tree):
        yield "1: expected a docstring that says what is true here; found none"


def size(tree: ast.Module) -> Iterator[str]:
    """A function fits on a screen; a module can be read in one sitting."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield f"{node.lineno}: {node.name} has {lines} lines, at most {FUNCTION_LINES_MAX}"
            given = node.args
            count = len(given.posonlyargs + given.args + given.kwonlyargs)
            if count > ARGUMENTS_MAX:
                yield f"{node.lineno}: {node.name} takes {count} arguments, at most {ARGUMENTS_MAX}"
    last = tree.body[-1].end_lineno or 0 if tree.body else 0
    if last > MODULE_LINES_MAX:
        yield f"{last}: the module has {last} lines, at most {MODULE_LINES_MAX}"


PROMISE = re.compile(r"^ *([A-Z][A-Z0-9]*(?:-[A-Z][A-Z0-9]*)*-[1-9]\d?)  ", re.MULTILINE)


def promised(tree: ast.Module) -> set[str]:
    """Return the labels that docstrings explain, each at the start of a line, two spaces behind."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(tree) if isinstance(node, documented)]
    return {label for node in nodes for label in PROMISE.findall(ast.get_docstring(node) or "")}


def promises(tree: ast.Module) -> Iterator[str]:
    """What a docstring promises, `invariant` keeps; what it keeps, a docstring explains."""
    kept: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case (
                ast.Call(func=ast.Name(id="invariant"), args=[_, ast.Constant(value=str(label))])
                | ast.Call(
                    func=ast.Name(id="InvariantError"), args=[ast.Constant(value=str(label))]
                )
            ):
                kept.add(label)
            case _:
                pass
    for label in sorted(promised(tree) - kept):
        yield f"1: {label} is promised, but no invariant keeps it"
    for label in sorted(kept - promised(tree)):
        yield f"1: {label} is kept, but no docstring explains it"


def completeness(tree: ast.Module) -> Iterator[str]:
    """Nothing is left for later, and nothing vanishes under `python -O`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            yield f"{node.lineno}: instead of assert use invariant, which -O cannot remove"
        if isinstance(node, ast.Name) and node.id == "NotImplementedError":
            yield f"{node.lineno}: expected the thing itself, found NotImplementedError"
        if isinstance(node, ast.ImportFrom | ast.Import):
            names = [getattr(node, "module", None), *(alias.name for alias in node.names)]
            if any(name and name.partition(".")[0] in {"unittest", "mock"} for name in names):
                yield f"{node.lineno}: expected the thing itself, found a mock"


EVERYWHERE: tuple[Rule, ...] = (documentation, size, promises, completeness)


# Rules for the pure packages.

BANNED_NAMES = {
    "float": "Money, or an integer whose name ends in its unit",
    "hash": "kernel.canonical.digest, which is equal on every machine",
    "id": "a key: addresses differ from run to run",
    "open": "an adapter",
    "print": "a view",
    "input": "a command",
    "eval": "match",
    "exec": "match",
}
BANNED_CALLS = {"now": "context.at", "utcnow": "context.at", "today": "context.today"}
UNORDERED = {"set", "frozenset"}
ORDER_MATTERS = {"list", "tuple", "enumerate", "iter", "next", "reversed", "zip", "map", "join"}


def equality(tree: ast.Module) -> Iterator[str]:
    """Equal entries give equal bytes: no clock, no float, no address, no hash order."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) if name in BANNED_NAMES:
                yield f"{node.lineno}: instead of {name} use {BANNED_NAMES[name]}"
            case ast.Call(func=ast.Attribute(attr=name)) if name in BANNED_CALLS:
                yield f"{node.lineno}: instead of {name}() use {BANNED_CALLS[name]}"
            case ast.Constant(value=float()):
                yield f"{node.lineno}: instead of {node.value!r} use integers and kernel.ratio"
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
                yield f"{node.lineno}: instead of / use kernel.ratio, which names its rounding"
            case _:
                pass


def order(tree: ast.Module) -> Iterator[str]:
    """Nothing walks through a set whose order is that of hashes; `sorted` does."""
    for node in ast.walk(tree):
        walked: list[ast.expr] = []
        match node:
            case ast.For(iter=one) | ast.comprehension(iter=one):
                walked = [one]
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                walked = node.args if name in ORDER_MATTERS else []
            case ast.Starred(value=one):
                walked = [one]
            case _:
                pass
        for one in walked:
            match one:
                case ast.Set() | ast.SetComp():
                    yield f"{one.lineno}: walks a set in hash order; use sorted"
                case ast.Call(func=ast.Name(id=name)) if name in UNORDERED:
                    yield f"{one.lineno}: walks a {name} in hash order; use sorted"
                case _:
                    pass


def company(tree: ast.Module) -> Iterator[str]:
    """The pure packages import each other and the harmless part of the standard library."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases, lineno=line):
                names = [alias.name for alias in aliases]
            case ast.ImportFrom(module=module, level=level, lineno=line):
                names = ["." * level + (module or "")]
            case _:
                continue
        for name in names:
            root = name.partition(".")[0]
            if root in WORLD or root not in {"tallyport", *sys.stdlib_module_names}:
                yield f"{line}: {name} does not belong here; the world is behind adapters"


IN_THE_CORE: tuple[Rule, ...] = (equality, order, company)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SRC).as_posix())
def test_a_module_keeps_the_rules(path: Path) -> None:
    """No module breaks a rule."""
    tree = ast.parse(path.read_text("utf-8"))
    inside = path.relative_to(SRC)
    rules = EVERYWHERE + (IN_THE_CORE if inside.parts[0] in PURE else ())
    breaches = [f"{path}:{breach}" for rule in rules for breach in rule(tree)]
    assert not breaches, "\n".join(breaches)


def test_a_limit_says_why_it_is_what_it_is() -> None:
    """Behind each `*_MAX = ` of src, or on the line above, stands a comment with the reason."""
    silent = [f"{limit.module}: {limit.name}" for limit in docs_tables.limits() if not limit.reason]
    assert not silent, "\n".join(silent)


def test_a_promise_has_one_home() -> None:
    """No label is explained in two modules, so that a message leads to one place."""
    homes: dict[str, Path] = {}
    for path in MODULES:
        for label in promised(ast.parse(path.read_text("utf-8"))):
            assert label not in homes, f"{label} stands in {homes[label]} and in {path}"
            homes[label] = path


def test_a_module_has_a_name() -> None:
    """What is called after nothing has no home yet (rule 18)."""
    nameless = [
        path for path in MODULES if NAMELESS & set(path.relative_to(SRC).with_suffix("").parts)
    ]
    assert not nameless


def test_most_modules_are_short() -> None:
    """Half of the modules are read in a minute or two."""
    lines = [len(path.read_text("utf-8").splitlines()) for path in MODULES]
    assert median(lines) <= MODULE_LINES_MEDIAN


# The rules themselves.

PLANTED: list[tuple[Rule, str]] = [
    (documentation, "x = 1"),
    (size, "def long():\n" + "    x = 1\n" * FUNCTION_LINES_MAX),
    (size, "def wide(a, b, c, d, *, e, f, g, h): pass"),
    (size, "x = 1\n" * (MODULE_LINES_MAX + 1)),
    (promises, '"""Things.\n\nTHING-1  never kept\n"""'),
    (promises, 'invariant(True, "THING-2")'),
    (promises, 'raise InvariantError("THING-2")'),
    (completeness, "assert True"),
    (completeness, "def f(): raise NotImplementedError"),
    (completeness, "from unittest.mock import Mock"),
    (equality, "def f(rate: float): pass"),
    (equality, "x = 0.5"),
    (equality, "x = 1 / 2"),
    (equality, "x /= 2"),
    (equality, "x = hash('a')"),
    (equality, "x = datetime.now(tz=UTC)"),
    (equality, "x = date.today()"),
    (order, "for x in {1, 2}: pass"),
    (order, "x = tuple({y for y in z})"),
    (order, "x = [y for y in set(z)]"),
    (order, "x = ','.join(set(z))"),
    (order, "x = (*frozenset(z),)"),
    (company, "import numpy as np"),
    (company, "def f():\n    from os.path import join"),
    (company, "from .model import Row"),
]
FINE = '''"""Things.

THING-1  always kept
"""

from __future__ import annotations

import hashlib

from tallyport.kernel.guard import invariant


def half(context, book):
    invariant(context.today < book.id, "THING-1")
    return [part // 2 for part in sorted({1, 2})]
'''


@pytest.mark.parametrize(("rule", "code"), PLANTED)
def test_a_rule_catches_what_it_is_for(rule: Rule, code: str) -> None:
    """One line of PLANTED breaks its rule."""
    assert list(rule(ast.parse(code)))


@pytest.mark.parametrize("rule", EVERYWHERE + IN_THE_CORE)
def test_a_rule_lets_good_code_pass(rule: Rule) -> None:
    """FINE breaks none."""
    assert not list(rule(ast.parse(FINE)))
