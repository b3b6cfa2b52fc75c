"""Rule 8: everything can be previewed before and audited after."""

from __future__ import annotations

from typing import Any


def test_the_preview_says_what_the_receipts_will(shop: Any) -> None:
    shop.whole_run("r")
    preview = shop("select ordinal, step, table_name, row_count from unwind.preview_run('r')")
    assert preview == shop("select ordinal, step, table_name, rows_deleted from unwind.compensate_run('r')")
    assert preview == shop(
        "select ordinal, step, table_name, rows_deleted from unwind.compensations order by ordinal"
    )


def test_the_preview_changes_and_locks_nothing_and_fires_no_trigger(shop: Any, connect: Any) -> None:
    shop.whole_run("r")
    shop.conn.execute("""
        create function forbid() returns trigger language plpgsql as 'begin raise ''fired''; end';
        create trigger forbid before delete on orders execute function forbid();
        select unwind.compile_workflow('checkout');
    """)
    before = shop.contents()
    reader, other = connect(autocommit=False), connect()
    reader.execute("set transaction read only")
    assert len(reader.execute("select * from unwind.preview_run('r')").fetchall()) == 3
    other.execute("set lock_timeout = '1ms'")
    other.execute("select * from orders, unwind.workflow_runs for update of orders, workflow_runs")
    assert shop.contents() == before


def test_the_generated_function_can_be_read_before_it_is_needed(shop: Any) -> None:
    source = shop("select pg_get_functiondef('unwind_compiled.compensate_one_checkout'::regproc)")[0][0]
    for table in ("payments", "lines", "orders"):
        assert f"delete from public.{table} as t" in source
    assert "execute" not in source.lower()


def test_receipts_say_when_and_by_whom(shop: Any) -> None:
    shop.whole_run("r")
    shop.conn.execute("select * from unwind.compensate_run('r')")
    assert shop(
        "select distinct compensated_by = current_user, compensated_at <= now() from unwind.compensations"
    ) == [(True, True)]
    assert shop("select step, compensated_at is not null from unwind.run_steps order by 1") == [
        ("order", True),
        ("payment", True),
    ]


def test_the_preview_of_a_run_that_is_undone_is_empty(shop: Any) -> None:
    shop.whole_run("r")
    shop.conn.execute("select * from unwind.compensate_run('r')")
    assert shop("select * from unwind.preview_run('r')") == []
    assert shop("select * from unwind.verify_run('r')") == []


def test_the_preview_holds_no_lock_that_could_make_a_writer_wait(shop: Any, connect: Any) -> None:
    shop.whole_run("r")
    reader = connect(autocommit=False)
    reader.execute("select * from unwind.preview_run('r')")
    modes = shop(
        "select distinct mode from pg_locks where pid = %s and locktype <> 'virtualxid'",
        reader.info.backend_pid,
    )
    assert modes == [("AccessShareLock",)]
