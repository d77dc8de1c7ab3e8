"""The audit of contracts finds what it is for, and nothing in our own tree.

Goal: each rule catches a planted breach, lets its nearest harmless neighbour pass, and is silent
only where a reason stands beside the line. Method: small packages are written into temporary
folders and audited; then the tree itself.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tallyport.app.contract_audit.audit import RULES, audit
from tallyport.app.contract_audit.source import Finding
from tallyport.cli.main import app
from tallyport.kernel.guard import FaultError

ROOT = Path(__file__).parents[3]

PLANTED = [
    ("float", "RATE = 0.05"),
    ("float", "def f(rate: float): return rate"),
    ("float", "def f(a, b): return a / b"),
    ("float", "def f(a):\n    a /= 2"),
    ("float", "def f(span): return span.total_seconds()"),
    ("float", "import math"),
    ("float", "from decimal import Decimal"),
    ("float", "x = 10 ** -2"),
    ("address", "def f(a): return hash(a)"),
    ("address", "def f(a): return id(a)"),
    ("address", "def f(many): return sorted(many, key=id)"),
    ("locale", "def f(day): return day.strftime('%d %B')"),
    ("locale", "def f(day, form): return day.strftime(form)"),
    ("locale", "def f(n): return f'{n:n}'"),
    ("locale", "from locale import strcoll"),
    ("locale", "from calendar import month_name\nx = month_name[1]"),
    ("clock", "import time"),
    ("clock", "def f():\n    from time import monotonic"),
    ("clock", "x = datetime.now(tz=UTC)"),
    ("clock", "x = date.today()"),
    ("clock", "def f(at): return at.astimezone()"),
    ("chance", "import random"),
    ("chance", "from uuid import uuid4"),
    ("chance", "def f(os): return os.urandom(8)"),
    ("environment", "import os"),
    ("environment", "import sys"),
    ("environment", "def f(os): return os.environ['HOME']"),
    ("environment", "def f(getenv): return getenv('HOME')"),
    ("world", "def f(path): return open(path)"),
    ("world", "def f(a): print(a)"),
    ("world", "import sqlite3"),
    ("world", "from pathlib import Path"),
    ("world", "import numpy as np"),
    ("world", "async def f(): pass"),
    ("world", "def f(text): return eval(text)"),
    ("set", "def f():\n    for x in {1, 2}: yield x"),
    ("set", "def f(z): return tuple({y for y in z})"),
    ("set", "def f(z): return [y for y in set(z)]"),
    ("set", "def f(many: frozenset[str]): return ','.join(many)"),
    ("set", "def f(z):\n    many = set(z) - {1}\n    return [y for y in many]"),
    ("set", "def f(z):\n    many: set[str] = z.all()\n    return many.pop()"),
    ("set", "def f(many: set[str]): return min(many, key=len)"),
    ("set", "def f(a: set[str], b: set[str]): return (*(a | b),)"),
    ("set", "def f(a):\n    for x in a.keys() - {1}: yield x"),
    ("mapping", "def f(parts: dict[str, int]): return [n for n in parts.values()]"),
    ("mapping", "def f(parts: Mapping[str, int]):\n    for name in parts: yield name"),
    ("mapping", "def f(value: Json): return list(value.items())"),
    ("mapping", "def f(data):\n    value = decode(data)\n    return list(value.keys())"),
    ("loop", "def f(a):\n    while True: a.append(1)"),
    ("loop", "def f(a):\n    while a.parent: a = a.parent"),
    ("loop", "def f():\n    for n in count(1): yield n"),
    ("loop", "def f(a): return [n for n in iter(a.read, b'')]"),
    ("recursion", "def f(n): return f(n - 1)"),
    ("recursion", "def f(n): return g(n)\ndef g(n): return f(n)"),
    ("recursion", "class A:\n    def f(self): return self.g()\n    def g(self): return self.f()"),
]
HARMLESS = [
    "def f(a, b): return a // b",
    "def f(span): return span // timedelta(seconds=1)",
    "def f(day): return day.strftime('%Y-%m-%d')",
    "def f(n): return f'{n:d}'",
    "from calendar import monthrange",
    "def f(at, zone): return at.astimezone(zone)",
    "def f(z): return sorted({y for y in z})",
    "def f(many: set[str]): return any(one for one in many)",
    "def f(many: set[str]): return {one for one in many} | {'a'}",
    "def f(many: set[str]): return len(many), 'a' in many",
    "def f(parts: dict[str, int]): return [parts[name] for name in sorted(parts)]",
    "def f(parts: dict[str, int]): return sum(n for n in parts.values())",
    "def f():\n    made = {'a': 1}\n    return list(made.items())",
    "def f(a):\n    while len(a) < A_MAX: a.append(1)",
    "def f(n):\n    return f(n + 1) if n < DEPTH_MAX else n",
    "class A:\n    def parse(self): return parse(self)",
    "def f(a):\n    while a:  # audit: loop: takes one a round\n        a.pop(0)",
    "def f(a):\n    # audit: loop: takes one a round\n    while a:\n        a.pop(0)",
    "# audit: chance: a constant of the standard library\nfrom uuid import NAMESPACE_DNS",
]


def planted(folder: Path, code: str, place: str = "contracts/thing/act.py") -> Path:
    """Write a package with one module of `code`, and an empty test beside it."""
    path = folder / "src" / place
    path.parent.mkdir(parents=True)
    path.write_text(code, "utf-8")
    (folder / "tests").mkdir()
    (folder / "tests" / "test_act.py").write_text('"""Nothing."""\n', "utf-8")
    return folder / "src"


def found(folder: Path, code: str, place: str = "contracts/thing/act.py") -> tuple[Finding, ...]:
    """Return what the audit finds in `code`."""
    return audit(planted(folder, code, place), folder / "tests").findings


@pytest.mark.parametrize(("rule", "code"), PLANTED)
@pytest.mark.parametrize("package", ["kernel", "contracts"])
def test_a_planted_breach_is_caught(tmp_path: Path, rule: str, code: str, package: str) -> None:
    """And told with its place; what is planted is what is found first or beside it."""
    findings = found(tmp_path, code, f"{package}/act.py")
    assert rule in {one.rule for one in findings}
    assert all(one.path == f"{package}/act.py" and one.advice for one in findings)


def test_every_rule_has_a_planted_breach() -> None:
    """A rule that nothing trips may be broken itself."""
    assert {rule for rule, _ in PLANTED} == set(RULES)


@pytest.mark.parametrize("code", HARMLESS)
def test_a_harmless_neighbour_passes(tmp_path: Path, code: str) -> None:
    """What looks alike and is not."""
    assert found(tmp_path, code) == ()


REFUSAL = 'class Refusal(StrEnum):\n    TOO_MANY = "parts_exceed_maximum"\n'
PROMISE = 'def evolve(book, event):\n    invariant(event.minor > 0, "THING-1")\n'
RAISED = 'def stored(book):\n    raise InvariantError("THING-1")\n'


@pytest.mark.parametrize(
    ("rule", "code"), [("refusal", REFUSAL), ("forgery", PROMISE), ("forgery", RAISED)]
)
def test_what_no_test_tries_is_caught(tmp_path: Path, rule: str, code: str) -> None:
    """A reason that nobody provokes, a promise that nobody breaks."""
    assert [one.rule for one in found(tmp_path, code)] == [rule]


@pytest.mark.parametrize(
    ("code", "test"),
    [
        (REFUSAL, "from tallyport.contracts.thing.act import Refusal\nx = Refusal.TOO_MANY"),
        (REFUSAL, "from tallyport.contracts.thing import act\nx = act.Refusal.TOO_MANY"),
        (REFUSAL, "from tallyport.contracts.thing import act as a\nx = (a, 'TOO_MANY', 3)"),
        (REFUSAL, "import tallyport.contracts.thing.act as a\nx = a.Refusal.TOO_MANY"),
        (REFUSAL, "assert reason == 'thing.parts_exceed_maximum'"),
        (PROMISE, "with raises(InvariantError, match='THING-1'): pass"),
    ],
)
def test_what_a_test_tries_passes(tmp_path: Path, code: str, test: str) -> None:
    """However the test spells it."""
    src = planted(tmp_path, code)
    (tmp_path / "tests" / "test_act.py").write_text(test, "utf-8")
    assert audit(src, tmp_path / "tests").findings == ()


def test_the_reason_of_another_verb_does_not_count(tmp_path: Path) -> None:
    """Two verbs may have a reason of one name: each is tried by itself."""
    src = planted(tmp_path, REFUSAL)
    other = "from tallyport.contracts.other.act import Refusal\nx = Refusal.TOO_MANY"
    (tmp_path / "tests" / "test_act.py").write_text(other, "utf-8")
    assert [one.rule for one in audit(src, tmp_path / "tests").findings] == ["refusal"]


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("x = 1  # audit: loop: nothing loops here", "allowance"),
        ("x = 1  # audit: nonsense: no such rule", "allowance"),
        ("def f(a):\n    while a:  # audit: loop:\n        a.pop()", "loop"),
        ("def f(a):\n    while a:  # audit: set: the wrong rule\n        a.pop(0)", "loop"),
    ],
)
def test_an_allowance_needs_its_rule_and_a_reason(tmp_path: Path, code: str, rule: str) -> None:
    """One that allows nothing is told too."""
    assert rule in {one.rule for one in found(tmp_path, code)}


def test_our_own_tree_is_sound() -> None:
    """All of it, with its tests; CI runs this."""
    report = audit(ROOT / "src" / "tallyport", ROOT / "tests")
    assert not report.findings, "\n".join(map(str, report.findings))
    assert report.modules > 90


@pytest.mark.parametrize("code", ["def f(:", "\x00"])
def test_what_is_no_module_is_said(tmp_path: Path, code: str) -> None:
    """With its name."""
    with pytest.raises(FaultError, match=r"act\.py: expected a Python module"):
        found(tmp_path, code)


def test_a_folder_without_packages_or_tests_is_said(tmp_path: Path) -> None:
    """Nothing found is no clean audit."""
    with pytest.raises(FaultError, match="expected folders kernel, ledger, contracts"):
        audit(tmp_path, None)
    src = planted(tmp_path, "x = 1")
    with pytest.raises(FaultError, match="expected a folder of tests"):
        audit(src, tmp_path / "none")


def test_on_the_command_line(tmp_path: Path) -> None:
    """A line a finding, status 1; as JSON for programs; 0 when there is none."""
    src = planted(tmp_path, "x = 0.5\n")
    words = ["contracts", "audit", "--src", str(src), "--no-tests"]
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 1
    assert "contracts/thing/act.py:1: float: instead of 0.5" in told.output
    spoken = CliRunner().invoke(app, [*words, "--json"])
    assert json.loads(spoken.output)["findings"][0]["rule"] == "float"
    (src / "contracts" / "thing" / "act.py").write_text("x = 1\n", "utf-8")
    assert CliRunner().invoke(app, words).exit_code == 0
