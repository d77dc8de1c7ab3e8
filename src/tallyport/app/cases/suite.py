"""Running one suite (用例集): each case passes, fails, or is beyond what the part can express.

    merkle 254/255                        passed of all; failures and what is beyond are not passed

A case that is beyond us is said to be so, with the reason. It is never counted as passed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from tallyport.kernel.guard import FaultError, InvariantError

CASE_BYTES_MAX = 1 << 24  # A line of 16 MiB is not a case but a mistake.


class BeyondError(Exception):
    """The part under test has no way to say what the case asks. Says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One line: what goes in and what should come out, as its suite defines them."""

    id: str
    input: Mapping[str, Any]
    expected: Mapping[str, Any]


# Returns what is wrong, or None when the case passes; raises BeyondError.
Judge: TypeAlias = Callable[[Case], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteResult:
    """How a suite went. `str` is the line that is printed."""

    name: str
    passed: int
    total: int
    failures: tuple[str, ...]  # "case: what came and what was expected"
    beyond: tuple[str, ...]  # "case: what cannot be expressed"

    def __str__(self) -> str:
        line = f"{self.name} {self.passed}/{self.total}"
        return f"{line} ({len(self.beyond)} beyond us)" if self.beyond else line


def run_suite(name: str, judge: Judge, path: Path) -> SuiteResult:
    """Judge every line of `path`.

    Raises:
        FaultError: the file cannot be read.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise FaultError(f"{path}: expected a readable file, got {error}") from error
    passed, failures, beyond = 0, list[str](), list[str]()
    cases = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    for number, line in cases:
        label = f"line {number}"
        try:
            case = _parse(line)
            label = case.id
            wrong = judge(case)
        except BeyondError as error:
            beyond.append(f"{label}: {error}")
        except InvariantError as error:
            failures.append(f"{label}: our own promise {error.label} was broken")
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            failures.append(f"{label}: expected a case of {name}, got {error!r}")
        else:
            passed += wrong is None
            failures += [] if wrong is None else [f"{label}: {wrong}"]
    return SuiteResult(
        name=name,
        passed=passed,
        total=len(cases),
        failures=tuple(failures),
        beyond=tuple(beyond),
    )


def _parse(line: bytes) -> Case:
    if len(line) > CASE_BYTES_MAX:
        raise ValueError(f"a line of more than {CASE_BYTES_MAX} bytes")
    value = json.loads(line)
    return Case(id=str(value["id"]), input=value["input"], expected=value["expected"])


def differs(what: str, *, came: object, expected: object) -> str | None:
    """Return what is wrong with `came`, or None when it is as expected."""
    return None if came == expected else f"{what}: expected {expected!r}, got {came!r}"
