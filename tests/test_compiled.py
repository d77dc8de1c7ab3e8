"""What `make compiled` makes says the same as the source, byte for byte (docs/adr/0014).

Goal: whoever runs the compiled core is on the same ledger as everybody else. Method: one story is
told by the source, by the source with its records opened, and (marker `compiled`, after `make
compiled`) by the machine code, each in a process of its own; heads are compared. CI also runs the
tests of the core on the machine code.
"""

from __future__ import annotations

import copy
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import compiled
from tallyport.app.release import is_compiled, release

ROOT = Path(__file__).parents[1]
SOURCE = '''
from __future__ import annotations
from dataclasses import dataclass, field
from typing import ClassVar

@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Row."""

    TABLE: ClassVar[str] = "row"

    id: str
    parts: tuple[int, ...]

    @property
    def key(self) -> str:
        return self.id

@dataclass(frozen=True, slots=True, order=True)
class Amount:
    minor: int

    def __post_init__(self) -> None:
        if self.minor < 0:
            raise ValueError(self.minor)

@dataclass(slots=True)
class Loose:
    names: list[str] = field(default_factory=list)
'''


def loaded(name: str, source: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return a module made of `source`."""
    module = ModuleType(name)
    monkeypatch.setitem(sys.modules, name, module)
    exec(compile(source, name, "exec", dont_inherit=True), module.__dict__)  # noqa: S102
    return module


def test_an_opened_record_is_the_same_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fields, text, equality, hash, order, checks and copies; annotations are all there."""
    plain = loaded("plain_records", SOURCE, monkeypatch)
    opened = loaded("opened_records", compiled.opened(SOURCE), monkeypatch)

    for module in (plain, opened):
        row, other = (module.Row(id="a", parts=part) for part in ((1, 2), (3,)))
        assert (row == module.Row(id="a", parts=(1, 2)), row == other, row == 1) == (
            True,
            False,
            False,
        )
        assert repr(row) == "Row(id='a', parts=(1, 2))"
        assert (row.key, module.Row.TABLE) == ("a", "row")
        assert hash(row) == hash(("a", (1, 2)))
        assert copy.deepcopy(row) == pickle.loads(pickle.dumps(row)) == row  # noqa: S301
        assert list(module.Row.__dataclass_fields__)[-2:] == ["id", "parts"]
        assert module.Amount(1) < module.Amount(2) == module.Amount(2)
        assert {module.Amount(1): "one"}[module.Amount(1)] == "one"
        with pytest.raises(ValueError, match="-1"):
            module.Amount(-1)
        assert module.Loose().names == []
    assert opened.Row.__annotations__ == {"id": "str", "parts": "tuple[int, ...]"}
    assert opened.Row("a", (1,)) == opened.Row(id="a", parts=(1,))


def told(path: Path | None) -> str:
    """Tell the story with what is in `path`, or with the source."""
    before = [ROOT / "src" if path is None else path, ROOT / "tests"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, before))}
    command = [sys.executable, "-m", "support.one_story"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_opened_records_lead_to_the_same_head(tmp_path: Path) -> None:
    """All of them, before a compiler has seen them."""
    package = tmp_path / "tallyport"
    for name in ("kernel", "ledger", "contracts"):
        shutil.copytree(ROOT / "src" / "tallyport" / name, package / name)
    (package / "__init__.py").touch()
    for path in compiled.modules(package):
        path.write_text(compiled.opened(path.read_text("utf-8")), "utf-8")

    assert told(tmp_path) == told(None)


@pytest.mark.compiled
def test_machine_code_leads_to_the_same_head() -> None:
    """And says what it is."""
    command = [str(Path(sys.executable).with_name("tallyport")), "--version"]
    environment = os.environ | {"PYTHONPATH": str(compiled.TARGET)}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.endswith("(compiled)\n")
    assert told(compiled.TARGET) == told(None)


def test_a_release_says_how_it_runs() -> None:
    """Interpreted, unless the path says otherwise."""
    assert release().endswith("(compiled)" if is_compiled() else "(interpreted)")


def test_a_compiler_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the line that installs it, before anything is touched."""
    monkeypatch.setenv("CC", "no-such-compiler -O2")
    lack = compiled.missing()
    assert lack is not None
    assert "'no-such-compiler'" in lack
    assert "apt-get install gcc" in lack


def test_headers_that_are_missing_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 1, and nothing was built."""
    monkeypatch.setenv("CC", sys.executable)
    monkeypatch.setattr("sysconfig.get_path", lambda _name: str(tmp_path))
    assert compiled.main() == 1
    assert "apt-get install python3-dev" in capsys.readouterr().err
