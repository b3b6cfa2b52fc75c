"""Every error names the thing, has a DETAIL and a HINT, and changes nothing; no code goes untested."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import pytest

CASES: list[tuple[str, str, str]] = [
    ("UW001", "nobody", "select unwind.record_step('nobody', 'order', 'o')"),
    ("UW001", "nobody", "select unwind.complete_run('nobody')"),
    ("UW001", "nobody", "select unwind.fail_run('nobody', 'x')"),
    ("UW001", "nobody", "select * from unwind.compensate_run('nobody')"),
    ("UW001", "nobody", "select * from unwind.compensate_runs(array['live', 'nobody'])"),
    ("UW001", "nobody", "select * from unwind.compensate_step('nobody', 'order')"),
    ("UW001", "nobody", "select * from unwind.preview_run('nobody')"),
    ("UW001", "nobody", "select * from unwind.verify_run('nobody')"),
    ("UW001", "null", "select * from unwind.compensate_run(null)"),
    ("UW002", "done", "select unwind.record_step('done', 'order', 'o')"),
    ("UW002", "done", "select unwind.complete_run('done')"),
    ("UW002", "done", "select unwind.fail_run('done', 'x')"),
    ("UW002", "undone", "select unwind.record_step('undone', 'order', 'o')"),
    ("UW002", "undone", "select * from unwind.compensate_step('undone', 'order')"),
    ("UW002", "failed", "select unwind.complete_run('failed')"),
    ("UW003", "claimed", "select unwind.record_step('claimed', 'order', 'o')"),
    ("UW003", "claimed", "select unwind.complete_run('claimed')"),
    ("UW003", "claimed", "select unwind.fail_run('claimed', 'x')"),
    ("UW003", "claimed", "select * from unwind.compensate_step('claimed', 'order')"),
    ("UW004", "live", "select unwind.record_step('blocked', 'order', 'o-live')"),
    ("UW005", "done", "select * from unwind.compensate_run('done')"),
    ("UW005", "done", "select * from unwind.compensate_runs(array['live', 'done'])"),
    ("UW006", "claimed", "select * from unwind.compensate_run('claimed')"),
    ("UW006", "claimed", "select * from unwind.compensate_runs(array['claimed'])"),
    ("UW007", "parcels", "select * from unwind.compensate_run('blocked')"),
    ("UW008", "nothing", "select unwind.start_run('nothing')"),
    ("UW008", "nothing", "select unwind.record_step('live', 'nothing', 'o')"),
    ("UW008", "nothing", "select * from unwind.compensate_step('live', 'nothing')"),
    ("UW008", "nothing", "select unwind.compile_workflow('nothing')"),
    ("UW008", "nothing", "select unwind.drop_workflow('nothing')"),
    ("UW008", "nothing", "select unwind.describe_workflow('nothing')"),
    ("UW008", "nothing", "select * from unwind.find_orphans('nothing')"),
    ("UW008", "nothing", "select * from unwind.check_workflow('nothing')"),
    ("UW008", "nothing", "select unwind.define_step('nothing', 's', 'orders', 'id')"),
    ("UW009", "name", "select unwind.define_workflow('')"),
    ("UW009", "'w'", "select unwind.define_step('w', '', 'orders', 'id')"),
    ("UW009", "nocolumn", "select unwind.define_step('w', 's', 'orders', 'nocolumn')"),
    ("UW009", "order_view", "select unwind.define_step('w', 's', 'order_view', 'id')"),
    ("UW009", "2", "select unwind.define_step('w', 'order', 'parcels', 'depot', 'number')"),
    (
        "UW009",
        "burn",
        "select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'burn')",
    ),
    ("UW009", "compared", "select unwind.declare_foreign_key('lines', '{id}', 'orders', '{id}')"),
    ("UW009", "columns", "select unwind.declare_foreign_key('lines', '{id}', 'parcels', '{depot,number}')"),
    ("UW009", "lines", "select unwind.drop_foreign_key('lines', '{id}', 'orders', '{id}')"),
    ("UW009", "xml", "select unwind.describe_workflow('w', 'xml')"),
    ("UW009", "clock_timestamp", "select unwind.define_custom_step('w', 's', 'clock_timestamp()')"),
    ("UW009", "root tables", "select unwind.define_custom_step('w', 'order', 'undo_it(text[])')"),
    ("UW009", "compensation", "select unwind.define_step('w', 'own', 'orders', 'id')"),
    ("UW009", "empty", "select unwind.start_run('w', '')"),
    ("UW009", "lease", "select unwind.start_run('w', worker => 'me', lease => '0')"),
    ("UW009", "2 values", "select unwind.record_step('live', 'parcel', '1')"),
    ("UW009", "null", "select unwind.record_step('live', 'order', null)"),
    ("UW009", "seven", "select unwind.record_step('live', 'parcel', '1', 'seven')"),
    ("UW010", "serializable", "select * from unwind.compensate_run('live')"),
    ("UW012", "parcel", "select * from unwind.compensate_step('live', 'order')"),
    ("UW013", "live", "select unwind.start_run('w', 'live')"),
]
RESERVED = {"UW011"}


@pytest.fixture
def situation(db: Any) -> Any:
    """Runs in every status, and things that are not what they should be."""
    db.conn.execute("create view order_view as select id from orders")
    db.conn.execute("""
        create function undo_it(run_ids text[])
        returns table (run_id text, table_name text, rows_deleted bigint)
        language sql as $$ select null::text, null::text, 0::bigint where false $$
    """)
    for run in ("live", "done", "undone", "failed", "blocked"):
        db.run(run)
    db("select unwind.define_custom_step('w', 'own', 'undo_it(text[])')")
    db("select unwind.complete_run('done')")
    db("select unwind.fail_run('failed', 'x')")
    db("select * from unwind.compensate_run('undone')")
    db("select unwind.start_run('w', 'claimed', worker => 'somebody')")
    db.conn.execute("insert into parcels values (9, 9, 'o-blocked')")
    return db


def everything(db: Any) -> list[Any]:
    """All rows of all tables that an error could have changed."""
    tables = [
        name
        for (name,) in db(
            "select format('%I.%I', schemaname, tablename) from pg_tables "
            "where schemaname in ('public', 'unwind', 'unwind_internal')"
        )
    ]
    return [db(f"select t::text from {name} as t order by 1") for name in sorted(tables)]


@pytest.mark.parametrize(("sqlstate", "names", "call"), CASES, ids=[f"{c[0]}-{c[2]}" for c in CASES])
def test_the_error_names_the_thing_tells_what_to_type_and_changes_nothing(
    situation: Any, sqlstate: str, names: str, call: str
) -> None:
    if sqlstate == "UW010":
        situation.conn.execute("set default_transaction_isolation = 'serializable'")
    before = everything(situation)
    error = situation.refused(call)
    assert error.sqlstate == sqlstate
    assert names in str(error.diag.message_primary)
    assert error.diag.message_detail
    assert error.diag.message_hint
    assert everything(situation) == before


def test_every_sqlstate_that_the_engine_raises_is_in_the_cases() -> None:
    engine = files("pgunwind.sql") / "engine"
    raised = {
        code
        for room in engine.iterdir()
        if room.is_dir()
        for file in room.iterdir()
        for code in re.findall(r"errcode = '(UW\d{3})'", file.read_text(encoding="utf-8"))
    }
    assert raised == {code for code, _, _ in CASES}
    assert not raised & RESERVED
