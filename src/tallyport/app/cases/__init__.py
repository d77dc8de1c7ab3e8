"""Outside cases (外部用例): suites of standards and of other programs, run against our own parts.

A suite is a file of JSON lines, `{"id", "input", "expected", ...}`; a folder holds some of them.
Whoever adds a suite writes a module with a `judge` and names it in `SUITES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tallyport.app.cases import jcs, ledger_transfers, merkle, signed_note, sm
from tallyport.app.cases.suite import Judge, SuiteResult, run_suite
from tallyport.kernel.guard import FaultError

SUITES: Mapping[str, Judge] = {
    "jcs": jcs.judge,
    "ledger_transfers": ledger_transfers.judge,
    "merkle": merkle.judge,
    "signed_note": signed_note.judge,
    "sm": sm.judge,
}


def run(folder: Path) -> list[SuiteResult]:
    """Run every suite that we know and `folder` holds, in order of their names.

    Raises:
        FaultError: there is no such folder, or a file in it cannot be read.
    """
    if not folder.is_dir():
        raise FaultError(f"{folder}: expected a folder of suites (NAME.jsonl), found none")
    paths = ((name, folder / f"{name}.jsonl") for name in sorted(SUITES))
    return [run_suite(name, SUITES[name], path) for name, path in paths if path.is_file()]
