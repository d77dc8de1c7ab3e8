"""The layers hold: each import contract of pyproject.toml catches a planted breach.

Goal: a contract that never fires is no contract. Method: a tree of empty packages with the names
that the layers list, judged by import-linter under the project's own settings; whole it passes,
and with one line planted it fails under the contract that the line breaks.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

SETTINGS = Path(__file__).parents[1] / "pyproject.toml"
CONTRACTS = tomllib.loads(SETTINGS.read_text())["tool"]["importlinter"]["contracts"]
LAYERS = [
    re.findall(r"\w+", row) for row in next(c for c in CONTRACTS if c["id"] == "layers")["layers"]
]

Tree = dict[str, str]
BREACHES: list[tuple[str, Tree]] = [
    # Every row knows the one above it.
    *(
        ("layers", {f"{low[0]}/planted.py": f"import tallyport.{high[0]}"})
        for high, low in pairwise(LAYERS)
    ),
    # Every row with neighbours: the first knows the last.
    *(
        ("layers", {f"{row[0]}/planted.py": f"import tallyport.{row[-1]}"})
        for row in LAYERS
        if len(row) > 1
    ),
    # A package that no layer lists.
    ("layers", {"attic/__init__.py": ""}),
    ("purity", {"kernel/planted.py": "from time import time"}),
    ("purity", {"ledger/planted.py": "import os.path"}),
    ("purity", {"contracts/planted.py": "def decide():\n    import random"}),
    ("own", {"kernel/planted.py": "import numpy as np"}),
    ("own", {"contracts/planted.py": "from django.db import models"}),
    # The layers alone would allow it: contracts stand above the ledger.
    ("contracts", {"contracts/planted.py": "from tallyport.ledger import entry"}),
    (
        "cycles",
        {
            "contracts/limit/__init__.py": "",
            "contracts/limit/occupy.py": "import tallyport.contracts.limit.release",
            "contracts/limit/release.py": "import tallyport.contracts.limit.occupy",
        },
    ),
]


def lint(folder: Path, planted: Tree) -> str:
    """Return the ids of the contracts that the tree with `planted` breaks, separated by spaces."""
    modules = {f"{name}/__init__.py": "" for row in LAYERS for name in row}
    modules |= {"__init__.py": "", "ledger/entry.py": ""} | planted
    for name, text in modules.items():
        path = folder / "tallyport" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    environment = os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "200"}
    answer = subprocess.run(
        [*command, "--config", str(SETTINGS)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    broken = [c["id"] for c in CONTRACTS if f"{c['name']} BROKEN" in answer.stdout]
    assert bool(broken) == bool(answer.returncode), answer.stdout + answer.stderr
    return " ".join(broken)


def test_the_tree_as_it_should_be_breaks_nothing(tmp_path: Path) -> None:
    """An import that points down is fine."""
    assert not lint(tmp_path, {"app/planted.py": "import tallyport.evidence\nimport sqlite3"})


@pytest.mark.parametrize(("contract", "planted"), BREACHES)
def test_a_planted_breach_is_caught(tmp_path: Path, contract: str, planted: Tree) -> None:
    """One tree of BREACHES breaks just the contract that stands beside it."""
    assert lint(tmp_path, planted) == contract


def test_every_contract_is_tried() -> None:
    """No contract of pyproject.toml is without a breach that it catches."""
    assert {contract for contract, _ in BREACHES} == {c["id"] for c in CONTRACTS}
