"""Operators over Python: the syntax tree says where."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from .change import Change

Node = TypeVar("Node", bound=ast.AST)

GENERATED = "# Made from "
"""What files begin with that are made from another."""
OPPOSITES = {
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "==": "!=",
    "!=": "==",
    "is": "is not",
    "is not": "is",
    "in": "not in",
    "not in": "in",
}


@dataclass
class Code:
    """A text, and its tree."""

    text: str
    tree: ast.Module = field(init=False)
    _lines: list[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.tree = ast.parse(self.text)
        self._lines = self.text.encode().splitlines(keepends=True)

    def of(self, kind: type[Node]) -> Iterator[Node]:
        """All nodes of a kind."""
        return (node for node in ast.walk(self.tree) if isinstance(node, kind))

    def start(self, node: ast.expr | ast.stmt) -> int:
        """Where a node begins."""
        return self._place(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt) -> int:
        """Where it ends."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        return self._place(node.end_lineno, node.end_col_offset)

    def source(self, node: ast.expr | ast.stmt) -> str:
        """What stands there."""
        return self.text[self.start(node) : self.end(node)]

    def replaced(self, operator: str, node: ast.expr | ast.stmt, text: str) -> Change:
        """Something else instead."""
        return Change(operator, self.start(node), self.end(node), text)

    def _place(self, line: int, column: int) -> int:
        return len(b"".join(self._lines[: line - 1]).decode()) + len(self._lines[line - 1][:column].decode())


def comparisons(code: Code) -> Iterator[Change]:
    for node in code.of(ast.Compare):
        if len(node.ops) == 1:
            start, end = code.end(node.left), code.start(node.comparators[0])
            written = code.text[start:end]
            sign = re.sub(r"[\s()]+", " ", written).strip()
            yield Change(
                "comparison", start, end, re.sub(r"[^\s()]+(?: \w+)?", OPPOSITES[sign], written, count=1)
            )


def conditions_dropped(code: Code) -> Iterator[Change]:
    """One side of AND or OR, and so the default that an OR gives."""
    for node in code.of(ast.BoolOp):
        yield Change("condition dropped", code.start(node.values[0]), code.start(node.values[1]))
        for one, next_one in zip(node.values, node.values[1:], strict=False):
            yield Change("condition dropped", code.end(one), code.end(next_one))


def conditions_inverted(code: Code) -> Iterator[Change]:
    for node in (*code.of(ast.If), *code.of(ast.IfExp), *code.of(ast.While)):
        if not isinstance(node.test, ast.Compare | ast.UnaryOp | ast.Constant):
            yield code.replaced("condition inverted", node.test, f"(not ({code.source(node.test)}))")
    for inverted in code.of(ast.UnaryOp):
        if isinstance(inverted.op, ast.Not):
            yield code.replaced("condition inverted", inverted, code.source(inverted.operand))


def bounds(code: Code) -> Iterator[Change]:
    for node in code.of(ast.Constant):
        if type(node.value) is int:
            yield code.replaced("bound by one", node, str(node.value + 1))


def settings(code: Code) -> Iterator[Change]:
    """A flag that is passed to somebody, or is an argument's default."""
    passed = [keyword.value for call in code.of(ast.Call) for keyword in call.keywords]
    assumed = [value for given in code.of(ast.arguments) for value in (*given.defaults, *given.kw_defaults)]
    for node in (*passed, *assumed):
        if isinstance(node, ast.Constant) and isinstance(node.value, bool):
            yield code.replaced("setting changed", node, str(not node.value))


def retries(code: Code) -> Iterator[Change]:
    for node in code.of(ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id == "range":
            yield code.replaced("tried once", node, "range(1)")


def errors(code: Code) -> Iterator[Change]:
    """One of several classes of errors that are told apart."""
    asked = [
        call.args[1]
        for call in code.of(ast.Call)
        if isinstance(call.func, ast.Name) and call.func.id == "isinstance"
    ]
    for node in (*asked, *(handler.type for handler in code.of(ast.ExceptHandler))):
        if isinstance(node, ast.Tuple):
            for left_out in node.elts:
                rest = "".join(f"{code.source(kind)}, " for kind in node.elts if kind is not left_out)
                yield code.replaced("error dropped", node, f"({rest.rstrip()})")


def calls(code: Code) -> Iterator[Change]:
    """One whose result nobody wants."""
    for node in code.of(ast.Expr):
        if isinstance(node.value, ast.Await | ast.Call):
            yield code.replaced("call dropped", node, "pass")


OPERATORS: tuple[Callable[[Code], Iterator[Change]], ...] = (
    comparisons,
    conditions_dropped,
    conditions_inverted,
    bounds,
    settings,
    retries,
    errors,
    calls,
)


def changes(source: str) -> Iterator[Change]:
    """All changes of a text."""
    code = Code(source)
    for operator in OPERATORS:
        yield from operator(code)


def is_program(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True
