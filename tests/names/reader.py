"""Reads SQL and PL/pgSQL for names that the search_path would decide about.

Whatever runs with the caller's search_path has to say the schema of every function, operator, type and
relation, and must not use what PostgreSQL itself turns into an operator by its bare name: IN, NULLIF,
BETWEEN, IS DISTINCT FROM, LIKE, CASE x WHEN, rows that are compared, JOIN USING.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pglast
from pglast import ast, enums, visitors

BARE_OPERATORS = {
    enums.A_Expr_Kind.AEXPR_DISTINCT: "is distinct from",
    enums.A_Expr_Kind.AEXPR_NOT_DISTINCT: "is not distinct from",
    enums.A_Expr_Kind.AEXPR_NULLIF: "nullif",
    enums.A_Expr_Kind.AEXPR_IN: "in (list)",
    enums.A_Expr_Kind.AEXPR_LIKE: "like",
    enums.A_Expr_Kind.AEXPR_ILIKE: "ilike",
    enums.A_Expr_Kind.AEXPR_SIMILAR: "similar to",
    enums.A_Expr_Kind.AEXPR_BETWEEN: "between",
    enums.A_Expr_Kind.AEXPR_NOT_BETWEEN: "not between",
    enums.A_Expr_Kind.AEXPR_BETWEEN_SYM: "between symmetric",
    enums.A_Expr_Kind.AEXPR_NOT_BETWEEN_SYM: "not between symmetric",
}
PYTHON_PARAMETER = re.compile(r"%\((\w+)\)s")
PSQL_VARIABLE = re.compile(r":'(\w+)'|:\"(\w+)\"|(?<![:\w]):(\w+)\b")


def in_sql(text: str) -> list[str]:
    """Return what is unqualified in statements, in the order in which it stands there."""
    return list(_in_statements(pglast.parse_sql(text)))


def in_expression(text: str) -> list[str]:
    """Return what is unqualified in an expression."""
    return in_sql(f"select {text}")


def in_plpgsql(body: str, arguments: Iterable[tuple[str, str]] = (), *, returns: str = "void") -> list[str]:
    """Return what is unqualified in a function's body; arguments are pairs of mode (in, out) and name."""
    declared, statements = _split(body)
    found = [problem for kind in declared.values() for problem in in_expression(f"null::{kind}")]
    signature = ", ".join(f'{mode} "{name}" pg_catalog.text' for mode, name in arguments)
    # What the parser cannot look up without a catalog is any record to it; keys, which are numbered, are
    # scalars.
    keys = {kind for name, kind in declared.items() if re.search(r"_\d+(_c\d+)?\"?$", name)}
    for kind in sorted(set(declared.values()), key=len, reverse=True):
        scalar = "pg_catalog.text" if kind in keys else "pg_catalog.record"
        substitute = "pg_catalog.text[]" if kind.endswith("]") else scalar
        if "." in kind and not kind.startswith("pg_catalog."):
            statements = re.sub(rf"(?<=\s){re.escape(kind)}(?=\s*[;:])", substitute, statements)
    source = (
        f"create function f({signature}) returns {returns} language plpgsql as $reader$ {statements} $reader$"
    )
    for query, mode in _queries(pglast.parse_plpgsql(source)):
        found += _in_query(query, mode)
    return found


def in_psql(text: str) -> list[str]:
    """Return what is unqualified in a psql script: in its SQL and in what its DO blocks do."""
    found: list[str] = []
    lines = [line for line in text.splitlines() if not line.lstrip().startswith(("\\", "--"))]
    sql = re.sub(r"\\g(set|x)\b.*", ";", "\n".join(re.sub(r"\\gx?\s*$", ";", line) for line in lines))
    sql = PSQL_VARIABLE.sub(lambda match: "'v'" if match[1] or match[3] else '"v"', sql)
    for statement in pglast.parse_sql(sql):
        if isinstance(statement.stmt, ast.DoStmt):
            (body,) = [option.arg.sval for option in statement.stmt.args if option.defname == "as"]
            found += in_plpgsql(body)
        else:
            found += _in_statements((statement,))
    return found


def _split(body: str) -> tuple[dict[str, str], str]:
    """Return the types of the declared variables, and the body."""
    declared = {}
    plain = re.sub(r"--[^\n]*", "", body)
    head = re.search(r"\bdeclare\b(.*?)\bbegin\b", plain, re.DOTALL | re.IGNORECASE)
    for line in (head[1] if head else "").split(";"):
        match = re.match(
            r"\s*(\w+|\"(?:[^\"]|\"\")+\")\s+(?:constant\s+)?(.+?)\s*(?::=.*|default .*)?$", line, re.DOTALL
        )
        if match and not match[1].startswith("#"):
            declared[match[1]] = match[2]
    return declared, plain


def _queries(node: Any) -> Iterator[tuple[str, int]]:
    """Yield every piece of SQL of a parsed function, and in which mode PL/pgSQL parses it."""
    if isinstance(node, dict):
        if "query" in node and "parseMode" in node:
            yield node["query"], node["parseMode"]
        if "PLpgSQL_stmt_case" in node and "t_expr" in node["PLpgSQL_stmt_case"]:
            yield "case 1 when 1 then 1 end", 2
        for value in node.values():
            yield from _queries(value)
    elif isinstance(node, list):
        for value in node:
            yield from _queries(value)


def _in_query(query: str, mode: int) -> list[str]:
    if mode == 0:  # a statement
        return in_sql(query)
    if mode == 1:  # a type's name
        return in_expression(f"null::{query}")
    if mode == 2:  # an expression
        return in_expression(query)
    target, _, value = query.partition(":=")  # an assignment
    return [*in_expression(target), *in_expression(value)]


def _in_statements(statements: Iterable[ast.Node]) -> Iterator[str]:
    for statement in statements:
        reader = _Reader()
        reader(statement)
        ctes = set(reader.ctes)
        yield from (text for kind, text in reader.found if kind != "relation" or text not in ctes)


class _Reader(visitors.Visitor):  # type: ignore[misc]
    """Collects names without a schema. An alias or a column is nobody's to plant."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []
        self.ctes: list[str] = []

    def add(self, kind: str, text: str) -> None:
        self.found.append((kind, text))

    def visit_CommonTableExpr(self, _: Any, node: ast.CommonTableExpr) -> None:
        self.ctes.append(f"relation {node.ctename}")

    def visit_RangeVar(self, _: Any, node: ast.RangeVar) -> None:
        if node.schemaname is None:
            self.add("relation", f"relation {node.relname}")

    def visit_LockingClause(self, _: Any, __: ast.LockingClause) -> Any:
        return visitors.Skip  # FOR UPDATE OF names aliases

    def visit_FuncCall(self, _: Any, node: ast.FuncCall) -> None:
        if len(node.funcname) < 2:
            self.add("function", f"function {node.funcname[0].sval}")

    def visit_CallStmt(self, _: Any, node: ast.CallStmt) -> None:
        self.visit_FuncCall(_, node.funccall)

    def visit_TypeName(self, _: Any, node: ast.TypeName) -> None:
        if node.names and len(node.names) < 2:
            self.add("type", f"type {node.names[0].sval}")

    def visit_CollateClause(self, _: Any, node: ast.CollateClause) -> None:
        if len(node.collname) < 2:
            self.add("collation", f"collation {node.collname[0].sval}")

    def visit_A_Expr(self, _: Any, node: ast.A_Expr) -> None:
        if node.kind in BARE_OPERATORS:
            self.add("operator", BARE_OPERATORS[node.kind])
        elif isinstance(node.lexpr, ast.RowExpr) and isinstance(node.rexpr, ast.RowExpr):
            self.add("operator", "rows that are compared")
        elif len(node.name) < 2:
            self.add("operator", f"operator {node.name[0].sval}")

    def visit_SubLink(self, _: Any, node: ast.SubLink) -> None:
        kinds = enums.SubLinkType
        if node.subLinkType in (kinds.ANY_SUBLINK, kinds.ALL_SUBLINK, kinds.ROWCOMPARE_SUBLINK):
            if node.operName is None:
                self.add("operator", "in (select)")
            elif len(node.operName) < 2:
                self.add("operator", f"operator {node.operName[0].sval}")

    def visit_CaseExpr(self, _: Any, node: ast.CaseExpr) -> None:
        if node.arg is not None:
            self.add("operator", "case x when")

    def visit_JoinExpr(self, _: Any, node: ast.JoinExpr) -> None:
        if node.usingClause or node.isNatural:
            self.add("operator", "join using")

    def visit_SortBy(self, _: Any, node: ast.SortBy) -> None:
        if node.useOp and len(node.useOp) < 2:
            self.add("operator", f"operator {node.useOp[0].sval}")
