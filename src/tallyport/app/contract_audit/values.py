"""Values that differ between machines or runs: floats, addresses, hashes, words of a country."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tallyport.app.contract_audit.source import Breach, Source, called, dotted, imported

_LOCAL_FORMAT = re.compile(r"%-?[aAbBcpxX]")  # Of strftime: words in the language of the machine.
_LOCAL_NAMES = {"month_name", "month_abbr", "day_name", "day_abbr"}  # Of the module calendar.
_FLOAT_CALLS = {"total_seconds", "timestamp", "fromtimestamp", "utcfromtimestamp"}
_FLOAT_MODULES = {"math", "statistics", "decimal", "fractions", "cmath"}


def floats(source: Source) -> Iterator[Breach]:
    """Money and rates are whole numbers; a division names its rounding."""
    for node in ast.walk(source.tree):
        match node:
            case ast.Constant(value=float() | complex() as value):
                yield node.lineno, f"instead of {value!r} use whole units, or kernel.ratio"
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
                yield node.lineno, "instead of / use // or kernel.ratio, which names its rounding"
            case ast.Name(id="float" | "complex", ctx=ast.Load()):
                yield node.lineno, f"instead of {node.id} use an integer, its unit in its name"
            case ast.Call() if called(node) in _FLOAT_CALLS:
                yield node.lineno, f"{called(node)}() gives a float; divide timedeltas by //"
            case ast.BinOp(op=ast.Pow(), right=ast.UnaryOp(op=ast.USub())):
                yield node.lineno, "a negative power is a float; use kernel.ratio"
            case _:
                pass
    for line, name in imported(source):
        if name in _FLOAT_MODULES:
            yield line, f"instead of {name} use integers and kernel.ratio"


def addresses(source: Source) -> Iterator[Breach]:
    """`hash` of a text changes from run to run, `id` is where the machine put it."""
    for node in ast.walk(source.tree):
        match node:
            case ast.Name(id="hash", ctx=ast.Load()):
                yield node.lineno, "hash() changes from run to run; hash canonical bytes"
            case ast.Name(id="id", ctx=ast.Load()):
                yield node.lineno, "id() is an address; compare keys"
            case _:
                pass


def locale(source: Source) -> Iterator[Breach]:
    """Texts are written and ordered alike in every country."""
    for node in ast.walk(source.tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="strftime" | "strptime"), args=args):
                named = [one.value for one in args if isinstance(one, ast.Constant)]
                if any(_LOCAL_FORMAT.search(str(one)) for one in named) or not named:
                    yield node.lineno, "names of months and days follow the machine; use isoformat"
            case ast.FormattedValue(format_spec=ast.JoinedStr(values=[ast.Constant(value=spec)])):
                if str(spec).endswith("n"):
                    yield node.lineno, "the format `n` follows the machine; use `d`"
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in _LOCAL_NAMES:
                yield node.lineno, f"{name} speaks the machine's language; use numbers"
            case ast.Attribute() if dotted(node).startswith("locale."):
                yield node.lineno, "instead of locale compare canonical texts"
            case _:
                pass
    for line, name in imported(source):
        if name.partition(".")[0] in {"locale", "gettext"}:
            yield line, f"{name} follows the machine's country; keep words out of contracts"
