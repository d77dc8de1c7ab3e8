"""What tests owe to a contract: each refusal is provoked, each promise is broken by a forgery.

A test names a refusal as `Refusal.NAME` of the module that it imports it from, in a table as
`(freeze, "NOT_FOUND", ...)`, or by its text; it names a promise by its label (`RCV-SPLIT-1`). That
the test says something sensible about it is for people to judge; that nobody tried is for us.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tallyport.app.contract_audit.source import Breach, Rule, Source, dotted


@dataclass(slots=True)
class Named:
    """What the tests name: members of enums with their module, and all texts."""

    members: set[tuple[str, str]] = field(default_factory=set)
    texts: str = ""


def named(tests: Iterable[Source]) -> Named:
    """Return what `tests` name."""
    found, texts = Named(), list[str]()
    for test in tests:
        imports = _imports(test)
        for node in ast.walk(test.tree):
            match node:
                case ast.Attribute(attr=name) if "." in dotted(node):
                    owner = dotted(node).removesuffix(f".{name}")
                    first, _, rest = owner.partition(".")
                    whole = f"{imports.get(first, first)}.{rest}".rstrip(".")
                    found.members.add((whole, name))
                case ast.Tuple(elts=parts):
                    found.members |= _in_table(parts, imports)
                case ast.Constant(value=str(text)):
                    texts.append(text)
                case _:
                    pass
    found.texts = "\n".join(texts)
    return found


def _in_table(parts: Iterable[ast.expr], imports: dict[str, str]) -> set[tuple[str, str]]:
    """Return what a line of a table names: `(freeze, "NOT_FOUND", ...)`, a verb and its reasons."""
    parts = list(parts)
    verbs = [imports.get(part.id, "") for part in parts if isinstance(part, ast.Name)]
    words = [part.value for part in parts if isinstance(part, ast.Constant)]
    return {(f"{verb}.Refusal", str(word)) for verb in verbs for word in words if verb}


def _imports(test: Source) -> dict[str, str]:
    """Return what each imported name stands for, with all its dots."""
    found = dict[str, str]()
    for node in ast.walk(test.tree):
        match node:
            case ast.ImportFrom(module=str(module), names=aliases):
                for alias in aliases:
                    found[alias.asname or alias.name] = f"{module}.{alias.name}"
            case ast.Import(names=aliases):
                for alias in aliases:
                    found[alias.asname or alias.name.partition(".")[0]] = (
                        alias.name if alias.asname else alias.name.partition(".")[0]
                    )
            case _:
                pass
    return found


def refusals(tests: Named) -> Rule:
    """Return the rule that each reason of a `Refusal` is named by a test."""

    def rule(source: Source) -> Iterator[Breach]:
        module = ".".join(("tallyport", *source.shown.removesuffix(".py").split("/")))
        for node in source.tree.body:
            if not isinstance(node, ast.ClassDef) or node.name != "Refusal":
                continue
            for member in node.body:
                match member:
                    case ast.Assign(
                        targets=[ast.Name(id=name)], value=ast.Constant(value=str(reason))
                    ):
                        is_named = (f"{module}.Refusal", name) in tests.members
                        if not is_named and reason not in tests.texts:
                            yield member.lineno, f"no test provokes {reason}; write one"
                    case _:
                        pass

    return rule


def forgeries(tests: Named) -> Rule:
    """Return the rule that each label of an `invariant` is named by a test."""

    def rule(source: Source) -> Iterator[Breach]:
        for node in ast.walk(source.tree):
            match node:
                case (
                    ast.Call(
                        func=ast.Name(id="invariant"), args=[_, ast.Constant(value=str(label))]
                    )
                    | ast.Call(
                        func=ast.Name(id="InvariantError"), args=[ast.Constant(value=str(label))]
                    )
                ):
                    if label not in tests.texts:
                        yield node.lineno, f"no test forges what {label} forbids; write one"
                case _:
                    pass

    return rule
