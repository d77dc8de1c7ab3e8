"""What a contract must not know of the world: time, chance, disk and network, the environment."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from tallyport.app.contract_audit.source import Breach, Source, called, dotted, imported

_CLOCK = {"time", "sched", "zoneinfo", "threading"}
_CLOCK_CALLS = {"now", "utcnow", "today"}
_CHANCE = {"random", "secrets", "uuid"}
_ENVIRONMENT = {"os", "sys", "platform", "getpass", "importlib", "warnings", "gc", "inspect"}
_IO = {"open", "print", "input", "eval", "exec", "compile", "breakpoint", "__import__"}
_HARMLESS = {  # Of the standard library: equal arguments give equal answers, and nothing happens.
    "__future__",
    "abc",
    "base64",
    "binascii",
    "bisect",
    "calendar",
    "collections",
    "contextlib",
    "copy",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "hashlib",
    "heapq",
    "hmac",
    "itertools",
    "json",
    "keyword",
    "operator",
    "re",
    "string",
    "struct",
    "types",
    "typing",
    "unicodedata",
}
_NAMED = (
    _CLOCK | _CHANCE | _ENVIRONMENT | {"locale", "gettext", "math", "decimal", "fractions", "cmath"}
) | {"statistics"}  # Other rules speak of these.


def clock(source: Source) -> Iterator[Breach]:
    """The only time is that of the entry."""
    for line, name in imported(source):
        if name.partition(".")[0] in _CLOCK:
            yield line, f"instead of {name} use context.at, which the ledger sets"
    for node in ast.walk(source.tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=name)) if name in _CLOCK_CALLS:
                yield node.lineno, f"instead of {name}() use context.at or context.today"
            case ast.Call(func=ast.Attribute(attr="astimezone"), args=[], keywords=[]):
                yield node.lineno, "astimezone() takes the machine's zone; name the zone"
            case _:
                pass


def chance(source: Source) -> Iterator[Breach]:
    """Ids come in the command, or are derived from it."""
    for line, name in imported(source):
        if name.partition(".")[0] in _CHANCE:
            yield line, f"instead of {name} derive it from the command, or take it in the command"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and called(node) in {"urandom", "token_hex", "uuid4"}:
            yield node.lineno, f"{called(node)}() differs on every node; derive it from the command"


def environment(source: Source) -> Iterator[Breach]:
    """No setting of a machine changes what is decided."""
    for line, name in imported(source):
        if name.partition(".")[0] in _ENVIRONMENT:
            yield line, f"{name} knows the machine; hand the value in with the command or the book"
    for node in ast.walk(source.tree):
        if dotted(node) in {"os.environ", "sys.argv", "sys.flags"} or called(node) == "getenv":
            yield getattr(node, "lineno", 1), "settings of a machine do not decide; use the book"


def world(source: Source) -> Iterator[Breach]:
    """Nothing is read, written, sent or run; only harmless modules are imported."""
    for node in ast.walk(source.tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) if name in _IO:
                yield node.lineno, f"{name}() touches the world; that is an adapter's work"
            case ast.AsyncFunctionDef() | ast.Await() | ast.Global():
                yield node.lineno, "a contract is a plain function without a life of its own"
            case _:
                pass
    for line, name in imported(source):
        root = name.partition(".")[0]
        if root in {"tallyport", *_HARMLESS, *_NAMED}:
            continue
        kind = "the standard library" if root in sys.stdlib_module_names else "others"
        yield line, f"{name} (of {kind}) is not known to be pure; the world is behind adapters"
