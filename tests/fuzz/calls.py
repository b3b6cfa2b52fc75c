"""Calls of every public function, drawn by a seed: values that make sense, and hostile ones.

The functions are those that the catalog lists, and values are drawn by the type and the name of an argument.
So a new function is called too, and a new type of argument is an error here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import psycopg

Connection = psycopg.Connection[Any]

TEXTS = (
    None,
    "",
    " ",
    "'",
    '"',
    "\\",
    "%",
    "%s",
    "$1",
    "$$",
    ";",
    "--",
    "\n",
    "\t",
    "\x01",
    "\u00e9",
    "\u202e",
    "\U0001f600",
    "null",
    "NULL",
    "0",
    "-1",
    "{}",
    "{a}",
    "[0:0]={a}",
    "a.b",
    "public.orders",
    "x" * 300,
    "y" * 70_000,
    "r'; drop table orders; --",
    'Robert"); drop',
    "a b",
    "A",
    "1e3",
    "NaN",
    "infinity",
    "2026-02-30",
    "99999999999999999999",
    "00000000-0000-0000-0000-000000000000",
    "(1,2)",
    "<x/>",
)
NUMBERS = (None, -(2**31), -1, 0, 1, 2, 7, 1000, 2**31 - 1)
BIG_NUMBERS = (*NUMBERS, -(2**63), 2**63 - 1)
INTERVALS = (
    None,
    "0",
    "-1 day",
    "1 microsecond",
    "5 minutes",
    "178000000 years",
    "-178000000 years",
    "1 mon -30 days",
    "-1 microsecond",
)
TIMES = (
    None,
    "-infinity",
    "infinity",
    "epoch",
    "2026-01-01 00:00+00",
    "294276-12-31 23:59:59+00",
    "4713-01-01 BC",
)
DOCUMENTS = (None, "{}", "[]", "null", '"x"', "1e400", '{"a": {"b": [1, 2]}}', '{"\\u00e9": "%s"}')
ARRAYS = (
    None,
    "{}",
    "{NULL}",
    "{a}",
    "{a,b}",
    "{a,NULL}",
    "{{a,b},{c,d}}",
    "[0:0]={a}",
    "[5:6]={1,2}",
    '{""}',
    '{"\'"}',
    '{"a b"}',
    "{1,2,3,4,5,6,7,8}",
    "{" + ",".join("k" * 40) + "}",
    '{"\\""}',
    "{%}",
)
TYPES = (
    "int2",
    "int8",
    "numeric(4,1)",
    "float8",
    "uuid",
    "date",
    "timestamptz",
    "interval",
    "bytea",
    "bool",
    "color",
    "inet",
    "jsonb",
    "text[]",
    "short",
    "char(2)",
    "int4range",
    "pair",
    "money",
    "bit(3)",
    "name",
    "oid",
)
NAMES = {
    "workflow": ("shop", "shop", "shop", "other", "custom", "chekout", "Shop", "mad 'name\""),
    "step": ("order", "parcel", "line", "own", "Order", "nothing", *TYPES),
    "to_step": ("order", "parcel", "own"),
    "run_id": (
        "running",
        "running",
        "completed",
        "failed",
        "undone",
        "claimed",
        "blocked",
        "kept",
        "half",
        "of other",
        "of custom",
        "refused",
        "mad 'run\"",
        "typed",
        "typed",
        "typed",
        "typed",
    ),
    "worker": ("w", "somebody", "mad 'worker\""),
    "if_exists": ("error", "attach", "new", "ATTACH"),
    "status": ("RUNNING", "COMPLETED", "FAILED", "COMPENSATING", "COMPENSATED", "running"),
    "format": ("text", "mermaid", "dot", "DOT"),
    "on_delete": (
        "cascade",
        "restrict",
        "set null",
        "set null (order_id)",
        "set null (id, id)",
        "set null ()",
        "SET NULL",
        "set default",
        "cascade; drop",
    ),
    "error": ("no stock",),
    "business_key": ("order-7",),
    "description": ("A shop.",),
}
SOME_ARRAYS = {
    "entity_key": (
        "{NaN}",
        "{infinity}",
        "{1e400}",
        "{-1}",
        "{red}",
        "{101}",
        "{\\\\x00}",
        "{010}",
        '{"(1,2)"}',
        "{2020-01-01}",
        '{"[1,5)"}',
        "{12345}",
        '{"{}"}',
        '{"  1 "}',
        "{o1}",
        "{o2}",
        "{o3}",
        "{1,1}",
        "{1,x}",
        "{7}",
        "{stray}",
        "{taken}",
        "{99999999999}",
    ),
    "entity_keys": (
        "{1,x}",
        "{o1,o2,o3}",
        "{{o1},{o2}}",
        "{{1,1},{1,2},{1,1}}",
        "{{1,1},{1,x}}",
        "{{1,NULL},{NULL,1}}",
        "{stray,o9}",
        "{taken}",
        "{NaN,1e400,-1}",
        "[-1:0]={o1,o2}",
        "{{{a}}}",
    ),
    "key_columns": (
        "{id}",
        "{order_id}",
        "{depot,number}",
        "{ID}",
        "{id,id}",
        "{ctid}",
        "{tableoid}",
        "{xmin}",
    ),
    "child_columns": ("{order_id}", "{id}", "{number}", "{order_id,id}", "{ctid}", "{parent_id}"),
    "parent_columns": ("{id}", "{order_id}", "{depot,number}", "{id,id}", "{place}"),
    "run_ids": ("{running}", "{running,failed}", "{failed,failed}", "{completed,NULL}", "{blocked,undone}"),
}
RELATIONS = """
select c.oid::int8 from pg_class as c
where c.relnamespace::regnamespace::text in ('public', 'mad "schema')
    or c.oid in ('pg_class'::regclass, 'unwind.workflow_runs'::regclass, 'pg_toast.pg_toast_1255'::regclass)
order by c.relname
"""
FUNCTIONS = """
select p.oid::int8 from pg_proc as p
where p.pronamespace in ('public'::regnamespace, 'unwind'::regnamespace)
    or p.proname in ('now', 'count', 'int4pl', 'rank')
order by p.oid::regprocedure::text
"""
CALLABLE = """
select p.proname, p.prokind::text,
    array(
        select array[a.name, a.type::regtype::text, (a.mode = 'v')::text]
        from unnest(
            coalesce(p.proargnames, '{}'), coalesce(p.proallargtypes, p.proargtypes::oid[]),
            coalesce(p.proargmodes, array_fill('i'::"char", array[p.pronargs::int]))
        ) as a (name, type, mode)
        where a.mode in ('i', 'v')
    ),
    p.pronargs - p.pronargdefaults
from pg_proc as p
where p.pronamespace = 'unwind'::regnamespace and p.prokind in ('f', 'p')
order by p.proname
"""


@dataclass(frozen=True)
class Argument:
    """One argument of a function."""

    name: str
    type: str
    variadic: bool


@dataclass(frozen=True)
class Function:
    """A public function, with its arguments that go in; so many of them have no default."""

    name: str
    is_procedure: bool
    arguments: tuple[Argument, ...]
    needed: int


@dataclass(frozen=True)
class Call:
    """One call, and the values that it is made with."""

    function: str
    commits: bool
    query: str
    values: tuple[Any, ...]

    def __str__(self) -> str:
        shown = ", ".join(repr(value)[:60] for value in self.values)
        return f"{self.query}  <- {shown}"


class Caller:
    """Draws calls."""

    def __init__(self, conn: Connection, random: Random) -> None:
        self.random = random
        self.functions = [
            Function(name, kind == "p", tuple(Argument(n, t, v == "true") for n, t, v in arguments), needed)
            for name, kind, arguments, needed in conn.execute(CALLABLE).fetchall()
        ]
        self.relations = [None, 0, 999_999, *(oid for (oid,) in conn.execute(RELATIONS.encode()).fetchall())]
        self.routines = [None, 0, 999_999, *(oid for (oid,) in conn.execute(FUNCTIONS.encode()).fetchall())]

    def draw(self) -> Call:
        """One call of one of them."""
        function = self.random.choice(self.functions)
        given = [
            argument
            for n, argument in enumerate(function.arguments)
            if n < function.needed or argument.variadic or self.random.random() < 0.5
        ]
        words = []
        for argument in given:
            cast = f"::{argument.type}"
            if argument.type.startswith("reg"):
                cast = f"::oid{'[]' if argument.type.endswith('[]') else ''}{cast}"
            words.append(f"{'variadic ' if argument.variadic else ''}{argument.name} => %s{cast}")
        call = f"unwind.{function.name}({', '.join(words)})"
        query = f"call {call}" if function.is_procedure else f"select * from {call}"
        values = tuple(self.value(argument) for argument in given)
        return Call(function.name, function.is_procedure, query, values)

    def value(self, argument: Argument) -> Any:
        """Something for this argument; what makes sense half of the time."""
        pools: dict[str, Sequence[Any]] = {
            "text": TEXTS,
            "text[]": ARRAYS,
            "integer": NUMBERS,
            "bigint": BIG_NUMBERS,
            "boolean": (None, True, False),
            "interval": INTERVALS,
            "timestamp with time zone": TIMES,
            "jsonb": DOCUMENTS,
            "name": (*TEXTS, "postgres", "pg_monitor"),
            "regclass": self.relations,
            "regclass[]": (None, [], [None], *([relation] for relation in self.relations), self.relations),
            "regprocedure": self.routines,
        }
        sensible = {**NAMES, **SOME_ARRAYS}.get(argument.name)
        if sensible and self.random.random() < 0.7:
            return self.random.choice(sensible)
        return self.random.choice(pools[argument.type])
