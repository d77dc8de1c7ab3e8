"""What might never end: loops without a limit, functions that call themselves.

A loop or a recursion is bounded when it looks at a limit (`..._MAX`); any other says beside it why
it ends: `# audit: loop: reason`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tallyport.app.contract_audit.source import Breach, Source, called

_ENDLESS = {"count", "cycle", "repeat"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def _looks_at_limit(node: ast.AST) -> bool:
    """Return whether a comparison, or a range, in `node` names a limit."""
    for part in ast.walk(node):
        if not isinstance(part, ast.Compare | ast.Call):
            continue
        if isinstance(part, ast.Call) and called(part) != "range":
            continue
        for name in ast.walk(part):
            match name:
                case ast.Name(id=word) | ast.Attribute(attr=word) if word.endswith("_MAX"):
                    return True
                case _:
                    pass
    return False


def loops(source: Source) -> Iterator[Breach]:
    """Every loop ends after a number of rounds that somebody has declared."""
    advice = "compare with a limit ..._MAX, or say beside it why it ends"
    for node in ast.walk(source.tree):
        match node:
            case ast.While() if not _looks_at_limit(node):
                yield node.lineno, f"this loop names no limit; {advice}"
            case ast.For(iter=ast.Call() as walked) | ast.comprehension(iter=ast.Call() as walked):
                if called(walked) in _ENDLESS and not _looks_at_limit(node):
                    yield walked.lineno, f"{called(walked)}() never ends; {advice}"
            case ast.Call(func=ast.Name(id="iter"), args=[_, _]):
                yield node.lineno, f"iter() with a last value may never end; {advice}"
            case _:
                pass


def _named(tree: ast.Module) -> Iterator[tuple[str, _Function]]:
    """Yield functions by name; those of a class with the class before them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            methods = [one for one in node.body if isinstance(one, _FUNCTIONS)]
            yield from ((f"{node.name}.{one.name}", one) for one in methods)
        else:
            functions = [one for one in ast.iter_child_nodes(node) if isinstance(one, _FUNCTIONS)]
            yield from ((one.name, one) for one in functions)


def _calls(name: str, function: _Function) -> set[str]:
    """Return what a function calls: plain names, and methods of its own object."""
    owner, found = name.rpartition(".")[0], set[str]()
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Name(id=called_name)):
                found.add(called_name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self" | "cls"), attr=method)):
                found.add(f"{owner}.{method}")
            case _:
                pass
    return found


def _reached(name: str, calls: dict[str, set[str]]) -> set[str]:
    """Return what `name` leads to within the module, in any number of steps."""
    waiting, seen = [name], set[str]()
    while waiting:
        for one in calls.get(waiting.pop(), set()):
            if one not in seen:
                seen.add(one)
                waiting.append(one)
    return seen


def recursion(source: Source) -> Iterator[Breach]:
    """A function that comes back to itself says how deep it may go."""
    functions = dict(_named(source.tree))
    calls = {name: _calls(name, function) for name, function in functions.items()}
    for name, function in functions.items():
        if name in _reached(name, calls) and not _looks_at_limit(function):
            advice = "compare its depth with a limit ..._MAX, or say beside it why it ends"
            yield function.lineno, f"{name} comes back to itself; {advice}"
