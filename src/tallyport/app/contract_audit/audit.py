"""The audit of contracts (合约审计): every rule over every pure module, less what is allowed.

    floats chance ... `RULES`   over kernel, ledger and contracts
    refusal, forgery            over contracts and all three, when there are tests to read
    allowance                   a line that allows what needs no allowance misleads its reader

What it cannot see: a name that reaches a set through another module, a loop that a limit in its
body does not end. Tests under several hash seeds and replays on other machines look for the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tallyport.app.contract_audit import bounds, ordering, testing, values, world
from tallyport.app.contract_audit.source import Finding, Rule, Source, read_all
from tallyport.kernel.guard import FaultError

PURE = ("kernel", "ledger", "contracts")
RULES: Mapping[str, Rule] = {
    "float": values.floats,
    "address": values.addresses,
    "locale": values.locale,
    "clock": world.clock,
    "chance": world.chance,
    "environment": world.environment,
    "world": world.world,
    "set": ordering.sets,
    "mapping": ordering.mappings,
    "loop": bounds.loops,
    "recursion": bounds.recursion,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was read, and what was found."""

    modules: int
    tests: int
    allowed: int
    findings: tuple[Finding, ...]


def audit(src: Path, tests: Path | None) -> Report:
    """Audit the pure packages below `src`; `tests` None: the two rules about tests are left out.

    Raises:
        FaultError: there are no pure packages, or a module cannot be read.
    """
    sources = [source for name in PURE for source in read_all(src / name, src)]
    if not sources:
        raise FaultError(f"{src}: expected folders {', '.join(PURE)} with Python modules in them")
    rules, read = dict(RULES), []
    if tests is not None:
        read = read_all(tests, tests)
        if not read:
            raise FaultError(f"{tests}: expected a folder of tests; leave them out with --no-tests")
        named = testing.named(read)
        rules |= {"refusal": testing.refusals(named), "forgery": testing.forgeries(named)}
    findings, allowed = list[Finding](), 0
    for source in sources:
        found, used = _audit(source, rules)
        findings += found
        allowed += used
    return Report(
        modules=len(sources),
        tests=len(read),
        allowed=allowed,
        findings=tuple(sorted(findings, key=_place)),
    )


def _place(finding: Finding) -> tuple[str, int, str]:
    return finding.path, finding.line, finding.rule


def _audit(source: Source, rules: Mapping[str, Rule]) -> tuple[list[Finding], int]:
    """Return what is wrong with a module, and how often an allowance was needed."""
    findings, used = dict[tuple[int, str, str], Finding](), set[int]()
    for name, rule in rules.items():
        for line, advice in rule(source):
            allowance = source.allowances.get(line)
            if allowance is not None and allowance[0] == name:
                used.add(line)
                continue
            finding = Finding(path=source.shown, line=line, rule=name, advice=advice)
            findings[line, name, advice] = finding
    for line, (name, said) in source.allowances.items():
        if line not in used and (name in rules or name not in {"refusal", "forgery"}):
            advice = f"nothing here needs `audit: {name}`; remove the words"
            findings[said, "allowance", advice] = Finding(
                path=source.shown, line=said, rule="allowance", advice=advice
            )
    return list(findings.values()), len(used)
