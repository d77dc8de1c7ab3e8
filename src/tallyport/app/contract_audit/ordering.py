"""Order that nobody declared: sets walk in hash order, mappings from outside in their sender's.

A name is followed within one function: what it was given, how it is annotated. A walk that ends in
`sorted`, or where order cannot show (`any`, `sum`, `len`, another set), is no breach.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tallyport.app.contract_audit.source import Breach, Source, called

_SETS = {"set", "frozenset", "AbstractSet", "MutableSet", "Set"}
_MAPPINGS = {"dict", "Mapping", "MutableMapping", "defaultdict", "OrderedDict"}
_PERHAPS = {"Json", "object", "Any"}  # A mapping only if it is asked for its items.
_SET_METHODS = {"union", "intersection", "difference", "symmetric_difference"}
_ORDERED_CALLS = {"list", "tuple", "enumerate", "iter", "next", "reversed", "zip", "map", "join"}
_BLIND = {"sorted", "any", "all", "sum", "len", "set", "frozenset", "dict"}  # `dict`: see below.
_VIEWS = {"items", "keys", "values"}
_DECODERS = {"decode", "read", "loads", "read_at"}
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def _words(annotation: ast.expr | None) -> set[str]:
    """Return the outermost words of an annotation: `dict[str, int] | None` is dict and None."""
    match annotation:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _words(left) | _words(right)
        case ast.Subscript(value=value):
            return _words(value)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return {name}
        case ast.Constant(value=str(text)):
            return {text.partition("[")[0]}
        case _:
            return set()


class _Known:
    """What is known of the names of one function."""

    def __init__(self, function: _Function) -> None:
        self.sets, self.outside, self.perhaps = set[str](), set[str](), set[str]()
        given = function.args
        for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs):
            self._read(argument.arg, _words(argument.annotation))
        for node in ast.walk(function):
            match node:
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        self._learn(target, value)
                case ast.AnnAssign(target=ast.Name(id=name) as target, value=found):
                    self.sets |= {name} if _words(node.annotation) & _SETS else set()
                    if found is not None:
                        self._learn(target, found)
                case _:
                    pass

    def _read(self, name: str, words: set[str]) -> None:
        """Learn from the annotation of an argument."""
        for kinds, known in (
            (_SETS, self.sets),
            (_MAPPINGS, self.outside),
            (_PERHAPS, self.perhaps),
        ):
            if words & kinds:
                known.add(name)

    def _learn(self, target: ast.expr, value: ast.expr) -> None:
        if not isinstance(target, ast.Name):
            return
        if self.is_set(value):
            self.sets.add(target.id)
        if called(value) in _DECODERS:
            self.perhaps.add(target.id)

    def is_set(self, node: ast.expr) -> bool:
        """Return whether `node` is a set for all that can be seen."""
        found = False
        match node:
            case ast.Set() | ast.SetComp():
                found = True
            case ast.Name(id=name):
                found = name in self.sets
            case ast.BinOp(left=left, op=ast.BitOr() | ast.BitAnd() | ast.Sub() | ast.BitXor()):
                found = self.is_set(left) or self.is_set(node.right) or called(left) == "keys"
            case ast.Call(func=ast.Name(id=name) | ast.Subscript(value=ast.Name(id=name))):
                found = name in _SETS
            case ast.Call():
                found = called(node) in _SET_METHODS
            case ast.IfExp(body=body, orelse=orelse):
                found = self.is_set(body) or self.is_set(orelse)
            case _:
                pass
        return found

    def is_outside(self, node: ast.expr) -> bool:
        """Return whether `node` walks through a mapping that came from elsewhere."""
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=view), args=[]):
                return view in _VIEWS and name in self.outside | self.perhaps
            case ast.Name(id=name):
                return name in self.outside
            case _:
                return False


def _walks(function: _Function) -> Iterator[ast.expr]:
    """Yield what is walked through where the order of the walk can show."""
    blind = {
        one
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and called(node) in _BLIND
        for one in node.args
    }
    for node in ast.walk(function):
        match node:
            case ast.For(iter=one):
                yield one
            # A dict that is made keeps the order; it shows when that dict is walked, or encoded,
            # and canonical bytes sort their names.
            case ast.ListComp(generators=parts) | ast.GeneratorExp(generators=parts):
                if node not in blind:
                    yield from (part.iter for part in parts)
            case ast.Call(args=args) if called(node) in _ORDERED_CALLS and node not in blind:
                yield from args
            case ast.Call(func=ast.Attribute(attr="pop", value=value), args=[]):
                yield value
            case ast.Call(args=args, keywords=[_, *_]) if called(node) in {"min", "max"}:
                yield from args  # Equal ones are told apart by the order.
            case ast.Starred(value=one):
                yield one
            case _:
                pass


def sets(source: Source) -> Iterator[Breach]:
    """Nobody walks through a set where the order can show."""
    for function in source.functions:
        known = _Known(function)
        for walked in _walks(function):
            if known.is_set(walked):
                yield walked.lineno, "a set walks in hash order; say which order: sorted(...)"


def mappings(source: Source) -> Iterator[Breach]:
    """A mapping that came from elsewhere is walked in a declared order."""
    for function in source.functions:
        known = _Known(function)
        for walked in _walks(function):
            if known.is_outside(walked):
                yield walked.lineno, "its order is its sender's; say which order: sorted(...)"
