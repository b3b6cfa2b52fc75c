"""What capture costs those who write, beside a jsonb audit trigger; and what an undo by images costs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any, Final

import psycopg

from .. import background, captured_runs
from ..background import TABLES_OF_THE_APPLICATION as SCHEMA
from ..bench import Bench, server
from ..contenders import compensate_run
from ..measure import (
    Busy,
    Record,
    busy,
    by_turns,
    of_samples,
    one_by_one,
    peak_memory,
    pinned,
    seconds,
    undisturbed,
)

TITLE = "Tables under capture"
AXIS = "capture"
PLAIN: Final = "no trigger"
INSIDE: Final = "captured, inside a run"
OUTSIDE: Final = "captured, outside a run"
AUDITED: Final = "jsonb audit trigger"
STATEMENTS: Final = {
    "insert": (
        "insert into {table} values (%s, 'name', 1, 'note note note note note note note note ')",
        "insert into {table} select g, 'name ' || g, g, repeat('note ', 8)"
        " from generate_series(%s::int, %s::int) as g",
    ),
    "update": (
        "update {table} set amount = amount + 1 where id = %s",
        "update {table} set amount = amount + 1 where id between %s and %s",
    ),
    "delete": ("delete from {table} where id = %s", "delete from {table} where id between %s and %s"),
}
"""As a client writes them: of one row, of many."""
TABLES: Final = ("ordinary", "partitioned")
ONE_CORE: Final = "client and server on one core"
OWN_CORES: Final = "client and server on a core each"
VACUUMED: Final = "rows vacuumed before"
AS_LEFT: Final = "rows as the last statement left them"
HOW: Final = {"one": (ONE_CORE, OWN_CORES), "many": (VACUUMED, AS_LEFT)}
"""How statements of one row, or of many, are measured."""
UNDOING: Final = "seconds of an undo"
BY_KEYS: Final = "by recorded keys"
INSERTED: Final = "by images, inserted only"
MIXED: Final = "by images, mixed"
BARE: Final = "bare delete"
"""Of as many rows, by their primary key."""

_TABLE_OF: Final = {PLAIN: "plain", INSIDE: "inside", OUTSIDE: "outside", AUDITED: "audited"}
_WARM_UP = 15
"""The client prepares a statement after five, and the server keeps a plan after five more."""
_TURN = 10
_MOST_ROWS = 100_000

# As the known projects have it: after each row, which of which table, what it was and what it is.
_AUDIT = """
create schema audit;
create table audit.record_version (
    id bigint generated always as identity primary key, op text not null,
    ts timestamptz not null default now(), txid bigint not null default txid_current(),
    table_oid oid not null, table_schema name not null, table_name name not null,
    record jsonb, old_record jsonb
);
create index on audit.record_version using brin (ts);
create index on audit.record_version (table_oid);
create function audit.write() returns trigger language plpgsql security definer set search_path = '' as $$
begin
    insert into audit.record_version (op, table_oid, table_schema, table_name, record, old_record)
    values (
        tg_op, tg_relid, tg_table_schema, tg_table_name,
        case when tg_op <> 'DELETE' then pg_catalog.to_jsonb(new) end,
        case when tg_op <> 'INSERT' then pg_catalog.to_jsonb(old) end
    );
    return coalesce(new, old);
end
$$;
"""


def measure(bench: Bench) -> list[Record]:
    """Measure on a server of its own, for what is captured stays so."""
    with server(bench.scale) as own:
        own.add_runs(own.scale.behind)
        _prepare(own.conn)
        return [*_writing(own), *_undoing(own), *_undoing_many(own)]


def table(contender: str, kind: str) -> str:
    """Return the table of a contender, each of which has its own."""
    return f"captured.{_TABLE_OF[contender]}_{kind}"


def writing(kind: str) -> str:
    """Return what the measure of statements on such tables is called."""
    return f"seconds of a statement, {kind} table"


def processing(kind: str) -> str:
    """Return what the measure of the processor time that they take is called."""
    return f"client and server seconds of a statement, {kind} table"


def judged(kind: str, how: str) -> str:
    """Return by which measure goals are judged: by the clock where client and server have a core each."""
    return writing(kind) if how == OWN_CORES else processing(kind)


def _prepare(conn: psycopg.Connection[Any]) -> None:
    conn.execute("create schema captured")
    conn.execute(_AUDIT)
    conn.execute("select unwind.define_workflow(%s)", [captured_runs.WORKFLOW])
    for kind in TABLES:
        for contender in _TABLE_OF:
            name = table(contender, kind)
            conn.execute(
                f"create table {name} (id bigint primary key, name text, amount numeric, note text)"
                + (" partition by hash (id)" if kind == "partitioned" else "")
            )
            if kind == "partitioned":
                for part in range(2):
                    conn.execute(
                        f"create table {name}_{part} partition of {name}"
                        f" for values with (modulus 2, remainder {part})"
                    )
        for contender in (INSIDE, OUTSIDE):
            conn.execute(f"select unwind.capture_table('{table(contender, kind)}')")
        conn.execute(
            f"create trigger audit after insert or update or delete on {table(AUDITED, kind)}"
            " for each row execute function audit.write()"
        )


# Writing -------------------------------------------------------------------------------------------


def _writing(bench: Bench) -> list[Record]:
    records = []
    for kind in TABLES:
        for rows in (1, bench.scale.rows_at_once):
            for how in HOW["one" if rows == 1 else "many"]:
                records += _writes(bench, kind, rows, how)
    return records


def _writes(bench: Bench, kind: str, rows: int, how: str) -> list[Record]:
    """The same rows are inserted, updated and deleted by everybody in turn.

    Each of the three in a transaction of its own, which finds rows that are committed, and mostly vacuumed.
    """
    times = 5 * (bench.scale.times[0] if rows == 1 else bench.scale.repeats)
    warm_up, turn = (_WARM_UP, _TURN) if rows == 1 else (2, 1)
    firsts = range(1, (warm_up + times) * rows + 1, rows)
    numbers = [(first,) if rows == 1 else (first, first + rows - 1) for first in firsts]
    records = []
    bench.tidy()
    with pinned(bench.conn, apart=how == OWN_CORES), ExitStack() as stack:
        conns = {name: stack.enter_context(psycopg.connect(bench.dsn)) for name in _TABLE_OF}
        run = f"writing {kind} {rows}, {how}"
        conns[INSIDE].execute("select unwind.start_run(%s, %s)", [captured_runs.WORKFLOW, run])
        for what, statements in STATEMENTS.items():
            conns[INSIDE].execute("select unwind.enter_run(%s)", [run])
            work = {
                name: _statements(conn, statements[rows > 1].format(table=table(name, kind)), numbers)
                for name, conn in conns.items()
            }
            by_turns(work, warm_up, warm_up)
            for name, taken in by_turns(work, times, turn, measured=lambda execute: execute()).items():
                records += _of_statements(name, kind, taken, statement=what, rows=rows, how=how)
            for conn in conns.values():
                conn.commit()
            if how != AS_LEFT:
                bench.conn.execute("vacuum analyze")
        for name, conn in conns.items():
            _verify_empty(conn, name, kind)
    _verify_kept(bench.conn, kind, len(numbers) * rows)
    return records


def _statements(
    conn: psycopg.Connection[Any], statement: str, numbers: list[tuple[int, ...]]
) -> Callable[[], Busy]:
    own = iter(numbers)
    return lambda: busy(conn.info.backend_pid, partial(conn.execute, statement, next(own)))


def _of_statements(name: str, kind: str, taken: list[Busy], **conditions: Any) -> list[Record]:
    """By the clock, and of processor time where the server's is told."""
    records = [of_samples(AXIS, name, writing(kind), [one.elapsed for one in taken], **conditions)]
    if any(one.server for one in taken):
        records.append(undisturbed(AXIS, name, processing(kind), [one.both for one in taken], **conditions))
    return records


def _verify_empty(conn: psycopg.Connection[Any], name: str, kind: str) -> None:
    left = conn.execute(f"select count(*) from {table(name, kind)}").fetchone()
    assert left == (0,), f"{table(name, kind)} holds {left} rows"


def _verify_kept(conn: psycopg.Connection[Any], kind: str, rows: int) -> None:
    """See that images were kept of all that was written inside a run, of nothing else; and the audit."""
    for contender, kept in ((INSIDE, 4 * rows), (OUTSIDE, 0)):
        found = conn.execute(f'select count(*) from unwind_captured."{table(contender, kind)}"').fetchone()
        assert found == (kept,), f"{found} images of {table(contender, kind)}, not {kept}"
        conn.execute(f'truncate unwind_captured."{table(contender, kind)}"')
    found = conn.execute("select count(*) from audit.record_version").fetchone()
    assert found == (3 * rows,), f"{found} lines of the audit, not {3 * rows}"
    conn.execute("truncate audit.record_version")


# Undoing -------------------------------------------------------------------------------------------


def _undoing(bench: Bench) -> list[Record]:
    """Undo runs of 22 rows in the same captured tables by everybody in turn."""
    tables = [f"{SCHEMA}.{name}" for name in background.ROWS_PER_TABLE]
    bench.conn.execute("select unwind.capture_table(variadic %s::text[]::regclass[])", [tables])
    count = _WARM_UP + bench.scale.times[0]
    there = bench.add_rows(
        count, lambda conn, numbers: background.write(conn, SCHEMA, numbers, background.ROWS)
    )
    before = captured_runs.contents(bench.conn, *tables)
    captured_runs.change(bench.conn, there)
    numbers = {
        BY_KEYS: bench.add_runs(count),
        INSERTED: bench.add_rows(count, captured_runs.insert),
        MIXED: there,
    }
    bench.tidy()
    with ExitStack() as stack:
        work = {
            name: one_by_one(stack.enter_context(compensate_run.opened(bench.dsn)), own)
            for name, own in numbers.items()
        }
        by_turns(work, _WARM_UP, _WARM_UP)
        taken = by_turns(work, bench.scale.times[0], _TURN)
    for name in (BY_KEYS, INSERTED):
        bench.verify_undone(name, numbers[name])
    bench.verify_all()
    assert captured_runs.contents(bench.conn, *tables) == before, "not all rows are as they were before"
    return [
        of_samples(AXIS, name, UNDOING, own, **{"rows undone": background.ROWS_PER_RUN})
        for name, own in taken.items()
    ]


def _undoing_many(bench: Bench) -> list[Record]:
    """Undo runs of very many rows of one table, each on a fresh connection."""
    rows = max(size for size in bench.scale.big_runs if size <= _MOST_ROWS)
    samples: dict[tuple[str, str], list[float]] = {}
    for repeat in range(bench.scale.repeats):
        for name, written in ((BARE, PLAIN), (INSERTED, INSIDE), (MIXED, INSIDE)):
            into, run = table(written, "ordinary"), f"{name}, {repeat}"
            before = captured_runs.write_many(
                bench.conn, into, rows, None if name == BARE else run, name == MIXED
            )
            bench.tidy()
            with (
                psycopg.connect(bench.dsn, autocommit=True) as conn,
                peak_memory(conn.info.backend_pid) as peak,
            ):
                undo = partial(_delete, conn, into, rows) if name == BARE else partial(_undo, conn, run)
                samples.setdefault((name, UNDOING), []).append(seconds(undo))
            if peak.bytes is not None:
                samples.setdefault((name, "peak bytes"), []).append(float(peak.bytes))
            assert captured_runs.contents(bench.conn, into) == before, f"{run} left other rows"
            bench.conn.execute(f"delete from {into}")
    return [
        of_samples(AXIS, name, what, own, **{"rows undone": rows}) for (name, what), own in samples.items()
    ]


def _delete(conn: psycopg.Connection[Any], into: str, rows: int) -> None:
    conn.execute(f"delete from {into} where id between 1 and {rows}")


def _undo(conn: psycopg.Connection[Any], run: str) -> None:
    conn.execute("select * from unwind.compensate_run(%s)", [run])
