"""Write the pages of docs/ that are tables of what the code says; `make docs` runs it.

    docs/REFUSALS.md   every `Refusal`: the reasons that clients and auditors rely on
    docs/LIMITS.md     every `*_MAX`: what may grow, how far, and why
    docs/SETTINGS.md   every field of `app.settings.Settings` and every variable TALLYPORT_...
    docs/COMMANDS.md   every command of the command line, with its options

Code is read, not run, except for the command line, which has to be built to be known.
tests/test_docs.py fails while a page is older than the code.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "tallyport"
MADE = "<!-- Made by `make docs` from the code; do not edit. -->"


class Line(NamedTuple):
    """One line of code that says `name = value  # reason`."""

    module: str
    name: str
    value: str
    reason: str


def modules() -> Iterator[tuple[str, ast.Module, list[str]]]:
    """Yield dotted name without `tallyport.`, syntax tree and lines of every module, in order."""
    for path in sorted(SRC.rglob("*.py")):
        text = path.read_text("utf-8")
        parts = path.relative_to(SRC).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__") or "tallyport"
        yield name, ast.parse(text), text.splitlines()


def _line(module: str, node: ast.stmt, lines: list[str]) -> Line | None:
    """Read an assignment, with the comment behind it or the comment lines above it."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            pass
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            pass
        case _:
            return None
    own = lines[node.lineno - 1 : node.end_lineno]
    reason = " ".join(line.partition("  # ")[2] for line in own).strip()
    above = node.lineno - 2
    while not reason and above >= 0 and lines[above].lstrip().startswith("# "):
        above -= 1
    reason = reason or " ".join(line.strip()[2:] for line in lines[above + 1 : node.lineno - 1])
    spelled = ast.get_source_segment("\n".join(lines), value) or ""
    return Line(module, name, spelled.strip("\"'"), reason.partition("noqa")[0].strip())


def limits() -> list[Line]:
    """Return every public constant of a module or class whose name ends in `_MAX`."""
    found = (
        _line(module, node, lines)
        for module, tree, lines in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt)
    )
    public = re.compile(r"[A-Z][A-Z0-9_]*_MAX|MAX")
    return [line for line in found if line and public.fullmatch(line.name)]


def _members(module: str, lines: list[str], enum: ast.ClassDef) -> list[Line]:
    return [line for node in enum.body if (line := _line(module, node, lines))]


class Reason(NamedTuple):
    """A member of an enum called `Refusal`, with the conditions whose failure it reports."""

    reason: str
    conditions: list[str]
    note: str


def refusals() -> dict[str, list[Reason]]:
    """Return the members of every enum called `Refusal`, by module, in the order of the checks."""
    return {
        module: [
            Reason(member.value, conditions(tree, member.name), member.reason)
            for member in _members(module, lines, node)
        ]
        for module, tree, lines in modules()
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name == "Refusal"
    }


def conditions(tree: ast.Module, name: str) -> list[str]:
    """Return the first arguments of `require(..., Refusal.name)` and `found(..., Refusal.name)`."""
    found: list[str] = []
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Name(id="require" | "found"),
                args=[condition, ast.Attribute(value=ast.Name(id="Refusal"), attr=attribute)],
            ) if attribute == name:
                found.append(ast.unparse(condition))
            case _:
                pass
    return found


def settings() -> list[Line]:
    """Return the fields of `app.settings.Settings`; none before it exists."""
    return [
        line
        for module, tree, lines in modules()
        if module == "app.settings"
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name == "Settings"
        for line in _members(module, lines, node)
    ]


def variables() -> dict[str, set[str]]:
    """Return the environment variables TALLYPORT_... that the code names, with the modules."""
    named: dict[str, set[str]] = {}
    for module, _, lines in modules():
        for variable in re.findall(r"\bTALLYPORT_[A-Z0-9_]+\b", "\n".join(lines)):
            named.setdefault(variable, set()).add(module)
    return dict(sorted(named.items()))


class Option(NamedTuple):
    """An argument or option of a command."""

    spelling: str
    default: str
    help: str


class Command(NamedTuple):
    """A command with the words that call it, such as `profile draft`."""

    words: str
    help: str
    options: list[Option]


def commands() -> list[Command]:
    """Return every command of `tallyport.cli.main.app`; none before the module exists."""
    if not (SRC / "cli" / "main.py").exists():
        return []
    app = importlib.import_module("tallyport.cli.main").app
    return list(_commands("", get_command(app)))


def _commands(words: str, command: object) -> Iterator[Command]:
    match command:
        case TyperGroup():
            for name, inner in sorted(command.commands.items()):
                yield from _commands(f"{words} {name}".strip(), inner)
        case TyperCommand():
            yield Command(words, command.help or "", list(_options(command)))
        case _:
            message = f"expected a command of Typer called {words!r}, got {command!r}"
            raise TypeError(message)


def _options(command: TyperCommand) -> Iterator[Option]:
    for one in command.params:
        if one.name in {None, "help"}:
            continue
        spelling = ", ".join([*one.opts, *one.secondary_opts])
        if one.param_type_name == "argument":
            spelling = str(one.name).upper()
        default = "required" if one.required else str(one.default or "")
        yield Option(spelling, default, str(getattr(one, "help", None) or ""))


def _table(head: str, rows: Iterable[tuple[str, ...]]) -> str:
    """Lay out `rows` under the words of `head`; the first cell of a row is code."""
    cells = [tuple(head.split(" | ")), tuple("---" for _ in head.split(" | "))]
    cells += [(f"`{first}`", *rest) for first, *rest in rows]
    lines = [" | ".join(cell.replace("|", r"\|") for cell in row) for row in cells]
    return "\n".join(f"| {line} |" for line in lines) if len(lines) > 2 else "None."  # noqa: PLR2004 - Head and rule.


def _code(texts: Iterable[str]) -> str:
    return "; ".join(f"`{text}`" for text in texts if text)


def _page(title: str, text: str, sections: Iterable[str]) -> str:
    return "\n\n".join([f"# {title}", MADE, text, *sections]) + "\n"


def _refusals() -> str:
    text = """A refusal is the business saying no: the entry is kept, and nothing has changed. The
reason is stable; clients and auditors may rely on it. Within a module the reasons stand in the
order of the checks: the first one that fails answers."""
    sections = (
        f"## `{module}`\n\n"
        + _table(
            "reason | unless | note",
            ((one.reason, _code(one.conditions), one.note) for one in reasons),
        )
        for module, reasons in refusals().items()
    )
    return _page("Refusals", text, sections)


def _limits() -> str:
    text = "Everything that can grow has a limit, and a reason for it."
    rows = ((one.name, _code([one.value]), _code([one.module]), one.reason) for one in limits())
    return _page("Limits", text, [_table("limit | value | module | why", rows)])


def _settings() -> str:
    text = "What whoever runs tallyport may choose, and what it reads from the environment."
    rows = ((one.name, _code([one.value]), one.reason) for one in settings())
    read = ((name, _code(sorted(where))) for name, where in variables().items())
    tables = [_table("setting | default | meaning", rows), _table("variable | read by", read)]
    return _page("Settings", text, tables)


def _command_line() -> str:
    sections = (
        f"## `tallyport {one.words}`\n\n{one.help}\n\n"
        + _table("argument or option | default | meaning", one.options)
        for one in commands()
    )
    return _page("Commands", "What `tallyport` can be told on the command line.", sections)


PAGES = {
    "REFUSALS.md": _refusals,
    "LIMITS.md": _limits,
    "SETTINGS.md": _settings,
    "COMMANDS.md": _command_line,
}


def main() -> None:
    """Write every page that differs from the code and say which."""
    for name, page in PAGES.items():
        path, text = ROOT / "docs" / name, page()
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(f"docs/{name}")


if __name__ == "__main__":
    main()
