"""Compile what judges, so that a ledger costs half as much; `make compiled` runs it (ADR 14).

    var/compiled/tallyport/     a copy of src/tallyport; beside each of MODULES its machine code
    PYTHONPATH=$PWD/var/compiled .venv/bin/tallyport ...     runs it

The copy's records are opened before they are compiled: mypyc leaves the constructor of a frozen
dataclass to the interpreter, where it costs more than all the rest. So each gets its constructor,
comparison, hash and text written out, and its annotations put back, which mypyc simplifies and
`kernel.form` reads. What a type checker has seen never writes to a frozen field; the copy relies
on that. The source is compiled as `make check` has judged it.
"""

from __future__ import annotations

import ast
import os
import shlex
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "var" / "compiled"
# What a command meets on its way. The rest is as quick as it needs to be.
MODULES = (
    "kernel/[!_]*.py",
    "ledger/entry.py",
    "ledger/envelope.py",
    "ledger/machine.py",
    "ledger/merkle.py",
    "ledger/replay.py",
    "ledger/state.py",
    "ledger/verbs.py",
    "contracts/books/[!_]*.py",
    "contracts/members/authority.py",
    "contracts/members/model.py",
    "contracts/pledge/[!_]*.py",
    "contracts/receivable/[!_]*.py",
)
_INDENT = "    "


class Field(NamedTuple):
    """A field of a record."""

    name: str
    annotation: str


def opened(source: str) -> str:
    """Return the source of a module with its records opened; fields with defaults stay as is."""
    lines = source.splitlines()
    classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    for node in reversed(classes):  # From the end, so that the numbers of lines hold.
        marks = [mark for mark in node.decorator_list if _is_dataclass(mark)]
        own = [one for one in node.body if isinstance(one, ast.AnnAssign)]
        fields = [one for one in own if not _is_of_class(one)]
        if len(marks) != 1 or not fields or any(one.value for one in fields):
            continue
        named = [Field(ast.unparse(one.target), ast.unparse(one.annotation)) for one in fields]
        of_class = [ast.unparse(one.target) for one in own if _is_of_class(one)]
        is_ordered = "order=True" in ast.unparse(marks[0])
        lines[node.end_lineno : node.end_lineno] = _written_out(
            node, named, of_class, is_ordered=is_ordered
        )
        how = "order=True, unsafe_hash=True" if is_ordered else "eq=False, repr=False"
        lines[marks[0].lineno - 1 : marks[0].end_lineno] = [f"@dataclass(init=False, {how})"]
    return "\n".join([*lines, ""])


def _is_dataclass(mark: ast.expr) -> bool:
    return ast.unparse(mark).startswith("dataclass(")


def _is_of_class(one: ast.AnnAssign) -> bool:
    return ast.unparse(one.annotation).startswith("ClassVar")


def _written_out(
    node: ast.ClassDef, fields: list[Field], of_class: list[str], *, is_ordered: bool
) -> list[str]:
    """Return what stands at the end of a record's class and behind it."""
    name, checks = node.name, "__post_init__" in {getattr(one, "name", "") for one in node.body}
    taken = ", ".join(f"{one.name}: {one.annotation}" for one in fields)
    lines = ["", f"def __init__(self, {taken}) -> None:"]
    lines += [f"{_INDENT}self.{one.name} = {one.name}" for one in fields]
    lines += [f"{_INDENT}self.__post_init__()"] if checks else []
    values = "".join(f"self.{one.name}, " for one in fields)
    lines += ["", "def __reduce__(self) -> tuple[object, ...]:"]  # To be copied and sent.
    lines += [f"{_INDENT}return {name}, ({values})"]
    if not is_ordered:
        equal = " and ".join(f"self.{one.name} == other.{one.name}" for one in fields)
        shown = ", ".join(f"{one.name}={{self.{one.name}!r}}" for one in fields)
        lines += [
            "",
            "def __eq__(self, other: object) -> bool:",
            f"{_INDENT}if not isinstance(other, {name}):",
            f"{_INDENT * 2}return NotImplemented",
            f"{_INDENT}return {equal}",
            "",
            "def __hash__(self) -> int:",
            f"{_INDENT}return hash(({values}))",
            "",
            "def __repr__(self) -> str:",
            f'{_INDENT}return f"{name}({shown})"',
        ]
    # `dataclasses` has taken what is the class's own for fields, and not seen all annotations.
    spelled = {one.name: one.annotation for one in fields}
    behind = [f'setattr({name}, "__annotations__", {spelled!r})']
    behind += [f'setattr({name}, "__opened__", True)']  # For `kernel.record`.
    behind += [f'getattr({name}, "__dataclass_fields__").pop("{own}", None)' for own in of_class]
    return [*(f"{_INDENT}{line}".rstrip() for line in lines), "", *behind, ""]


def modules(package: Path) -> Iterator[Path]:
    """Yield the modules that are compiled."""
    for pattern in MODULES:
        yield from sorted(package.glob(pattern))


def missing() -> str | None:
    """Return what this machine lacks, and how to get it."""
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")[0]
    header = Path(sysconfig.get_path("include")) / "Python.h"
    if shutil.which(compiler) is None:
        return f"expected a C compiler, found no {compiler!r}; on Debian: apt-get install gcc"
    if not header.exists():
        return (
            f"expected Python's headers, found no {header}; on Debian: apt-get install python3-dev"
        )
    return None


def build(target: Path) -> None:
    """Put a compiled copy of the package into `target`, which replaces what was there."""
    from mypyc.build import mypycify  # noqa: PLC0415 - Says what it lacks at import.
    from setuptools import Distribution  # type: ignore[import-untyped]  # noqa: PLC0415

    fresh = target.with_name(f"{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    package = fresh / "tallyport"
    without = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src" / "tallyport", package, ignore=without)
    wanted = list(modules(package))
    sources = {path: path.read_text("utf-8") for path in wanted}
    for path, source in sources.items():
        path.write_text(opened(source), "utf-8")
    with chdir(fresh):
        options = [
            "--explicit-package-bases",
            "--ignore-missing-imports",
            "--follow-imports=silent",
        ]
        named = [str(path.relative_to(fresh)) for path in wanted]
        # Few symbols of a module are hot: more optimisation only takes longer.
        extensions = mypycify([*options, *named], opt_level="1", debug_level="0", multi_file=True)
        distribution = Distribution({"name": "tallyport-compiled", "ext_modules": extensions})
        command = distribution.get_command_obj("build_ext")
        command.inplace, command.parallel = True, os.cpu_count()
        command.ensure_finalized()
        command.run()
        shutil.rmtree("build")
    for path, source in sources.items():
        path.write_text(source, "utf-8")
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)


def main() -> int:
    """Build, or say what is missing."""
    lack = missing()
    if lack is not None:
        print(f"tallyport: {lack}", file=sys.stderr)
        return 1
    build(TARGET)
    print(f"tallyport: compiled; PYTHONPATH={TARGET} tallyport ... runs it")
    return 0


if __name__ == "__main__":
    sys.exit(main())
