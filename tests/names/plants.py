"""Plants a better match for every name that the engine's SQL uses, where others may create things.

Functions and operators for the exact types of their arguments, types and relations of the same name. Each
says so when it is executed: by a NOTICE, and by a sequence, which no rollback takes back.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any, Final

import psycopg

from pgunwind import _commands, manifest

Connection = psycopg.Connection[Any]

PATH: Final = "public, pg_catalog"
"""The worst one: what is planted comes first, even where its signature is PostgreSQL's own."""

COMMON: Final = (
    "text",
    "varchar",
    "name",
    "int4",
    "int8",
    "bool",
    "oid",
    "regclass",
    "timestamptz",
    "text[]",
    "int4[]",
)
RARE: Final = (
    "int2", "interval", "jsonb", '"char"', "uuid", "numeric", "tid", "xid", "bpchar", "bytea", "date",
    "int4range", "bool[]", "int8[]", "oid[]",
    "tid[]", "xid[]", "name[]", "uuid[]", "regtype", "app.mood", "app.code",
)  # fmt: skip
MIXED: Final = (
    ("oid", "int4"), ("oid", "int8"), ("jsonb", "text"), ("timestamptz", "interval"), ("interval", "float8"),
    ("float8", "float8"), ("interval", "timestamptz"), ("text", "text[]"),
    ("int4", "numeric"), ("int8", "numeric"),
)  # fmt: skip
TYPES: Final = (
    "text", "name", "oid", "regclass", "regtype", "regproc", "regprocedure", "timestamptz", "jsonb", "uuid",
    "tid", "xid", "int2", "int4", "int8", "bool", "numeric", "date", "bytea", "bpchar", "varchar",
)  # fmt: skip
RELATIONS: Final = (
    "pg_am", "pg_amop", "pg_attrdef", "pg_attribute", "pg_cast", "pg_class", "pg_collation", "pg_constraint",
    "pg_index", "pg_namespace", "pg_opclass", "pg_operator", "pg_proc", "pg_rewrite", "pg_trigger", "pg_type",
)  # fmt: skip

RECORD: Final = b"""
create schema planted;
create sequence planted.executions;
create function planted.executed(what pg_catalog.text) returns pg_catalog.bool language plpgsql as $$
begin
    perform pg_catalog.nextval('planted.executions'::pg_catalog.regclass);
    raise notice 'PLANTED %', what;
    return true;
end $$;
"""


def words_of_the_engine() -> set[str]:
    """Return every word of the engine, the scripts and the client's calls."""
    scripts = [entry for entry in manifest.root().joinpath("dba").iterdir() if entry.name.endswith(".sql")]
    texts = [file.text for file in manifest.read()]
    texts += [entry.read_text(encoding="utf-8") for entry in scripts]
    texts += [text for name, text in vars(_commands).items() if name.isupper() and isinstance(text, str)]
    return set(re.findall(r"\w+", "\n".join(texts)))


def plant(conn: Connection) -> dict[str, int]:
    """Plant everything, in one transaction; say how many of each kind."""
    with conn.transaction():
        conn.execute("set local search_path = pg_catalog, pg_temp")
        conn.execute(RECORD)
        counts = {
            "functions": _run(conn, _functions(conn)),
            "operators": _run(conn, _operators(conn)),
            "types": _run(
                conn,
                (
                    f'create domain public."{name}" as pg_catalog."{name}"'
                    f" check (planted.executed('type {name}'::pg_catalog.text))"
                    for name in TYPES
                ),
            ),
            "relations": _run(conn, _relations(conn)),
        }
    return counts


def executions(conn: Connection) -> int:
    """Say how often anything planted was executed, by whomever, rolled back or not."""
    row = conn.execute(
        "select case when s.is_called then s.last_value else 0 end from planted.executions as s"
    ).fetchone()
    assert row is not None
    return int(row[0])


def _run(conn: Connection, statements: Iterator[str]) -> int:
    """Run statements, many at a time; say how many there were."""
    count = 0
    while chunk := list(itertools.islice(statements, 500)):
        conn.execute(";\n".join(chunk).encode())
        count += len(chunk)
    return count


def _functions(conn: Connection) -> Iterator[str]:
    """Yield a function for each name, number of arguments and combination of their types."""
    rows = conn.execute(
        """
        select p.proname, min(p.pronargs - p.pronargdefaults)::int, max(p.pronargs)::int,
            bool_or(p.provariadic <> 0)
        from pg_catalog.pg_proc as p
        where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind <> 'p' and p.proname = any(%s)
        group by p.proname
        order by p.proname
        """,
        [sorted(words_of_the_engine())],
    ).fetchall()
    for name, fewest, most, is_variadic in rows:
        for arity in range(max(fewest, 1), min(5 if is_variadic else most, 5) + 1):
            for arguments in _signatures(arity):
                what = f"function {name}({', '.join(arguments)})"
                yield (
                    f'create function public."{name}"({", ".join(map(_qualified, arguments))})'
                    f" returns {_qualified(arguments[0])} language plpgsql as $body$ begin"
                    f" perform planted.executed('{what}'::pg_catalog.text); return null; end $body$"
                )


def _operators(conn: Connection) -> Iterator[str]:
    """Yield an operator for each name that takes two and each combination of their types."""
    names = conn.execute(
        """
        select distinct o.oprname::text from pg_catalog.pg_operator as o
        where o.oprkind = 'b' and o.oprnamespace = 'pg_catalog'::regnamespace and length(o.oprname) <= 3
        order by 1
        """
    ).fetchall()
    for number, ((name,), (left, right)) in enumerate(itertools.product(names, _signatures(2))):
        what = f"operator {left} {name} {right}"
        yield (
            f"create function planted.operator{number}({_qualified(left)}, {_qualified(right)})"
            f" returns pg_catalog.bool language plpgsql as $body$ begin"
            f" perform planted.executed('{what}'::pg_catalog.text); return true; end $body$;"
            f" create operator public.{name} (leftarg = {_qualified(left)}, rightarg = {_qualified(right)},"
            f" function = planted.operator{number})"
        )


def _relations(conn: Connection) -> Iterator[str]:
    """Yield a view for each catalog, of all columns that a view can have."""
    rows = conn.execute(
        """
        select a.attrelid::regclass::text, string_agg(quote_ident(a.attname), ', ')
        from pg_catalog.pg_attribute as a
        where a.attrelid = any(%s::regclass[]) and a.attnum > 0 and a.atttypid <> 'anyarray'::regtype
        group by a.attrelid
        """,
        [list(RELATIONS)],
    ).fetchall()
    for name, columns in rows:
        yield (
            f"create view public.{name} as select {columns} from pg_catalog.{name}"
            f" where planted.executed('relation {name}'::pg_catalog.text)"
        )


def _signatures(arity: int) -> list[tuple[str, ...]]:
    """Return types of so many arguments: all pairs of the common ones; else of one type, or after a text."""
    if arity == 1:
        return [(kind,) for kind in (*COMMON, *RARE)]
    if arity == 2:
        pairs = [*itertools.product(COMMON, repeat=2), *((kind, kind) for kind in RARE), *MIXED]
        return list(dict.fromkeys(pairs))
    signatures = [
        *((kind,) * arity for kind in COMMON),
        *(
            (first, *(kind,) * (arity - 1))
            for first in ("text", "text[]")
            for kind in ("varchar", "name", "int4", "text")
        ),
        *(("text", kind, *("text",) * (arity - 2)) for kind in ("regclass", "text[]")),
    ]
    return list(dict.fromkeys(signatures))


def _qualified(kind: str) -> str:
    return kind if "." in kind else f"pg_catalog.{kind}"
