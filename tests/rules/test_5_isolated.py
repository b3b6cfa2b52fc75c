"""Rule 5: an entity belongs to one run, and what others refer to is not deleted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from templates import holding


def test_a_key_of_another_live_run_cannot_be_recorded(shop: Any) -> None:
    shop.whole_run("first")
    shop.start("second")
    error = shop.refused("select unwind.record_step('second', 'order', 'o-first')")
    assert error.sqlstate == "UW004"
    assert "'first'" in str(error) and "o-first" in str(error)
    assert "preview_run('first')" in (error.diag.message_hint or "")


@pytest.mark.parametrize("ending", ["complete_run('first')", "fail_run('first', 'x')"])
def test_a_run_keeps_its_entities_when_it_ends(shop: Any, ending: str) -> None:
    shop.whole_run("first")
    shop.conn.execute(f"select unwind.{ending}")
    shop.start("second")
    assert shop.refused("select unwind.record_step('second', 'order', 'o-first')").sqlstate == "UW004"


def test_a_compensated_run_lets_go_of_its_keys(shop: Any) -> None:
    shop.whole_run("first")
    shop.conn.execute("select * from unwind.compensate_run('first')")
    shop.start("second")
    shop.order("second", "o-first")
    assert shop("select * from unwind.verify_run('first')") == []
    assert shop("select * from unwind.compensate_run('first')")[0][3] == 1
    assert shop("select id from orders") == [("o-first",)]
    shop.conn.execute("select * from unwind.compensate_run('second')")
    assert shop.left() == 0


def test_two_runs_recording_one_key_at_once_get_one_owner(
    shop: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    shop.start("first")
    shop.start("second")
    one, two = connect(autocommit=False), connect()
    one.execute("select unwind.record_step('first', 'order', 'o')")
    race = in_background(two.execute, "select unwind.record_step('second', 'order', 'o')")
    wait_until_blocked(two)
    one.commit()
    with pytest.raises(psycopg.Error) as error:
        race.result()
    assert error.value.sqlstate == "UW004"


def test_the_second_becomes_the_owner_if_the_first_rolls_back(
    shop: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    shop.start("first")
    shop.start("second")
    one, two = connect(autocommit=False), connect()
    one.execute("select unwind.record_step('first', 'order', 'o')")
    race = in_background(two.execute, "select unwind.record_step('second', 'order', 'o')")
    wait_until_blocked(two)
    one.rollback()
    race.result()
    assert shop("select run_id from unwind.entity_owners") == [("second",)]


@pytest.mark.parametrize("first_commits", [True, False])
def test_of_two_that_start_one_run_id_at_once_one_gets_it(
    shop: Any, connect: Any, wait_until_blocked: Any, in_background: Any, first_commits: bool
) -> None:
    one, two = connect(autocommit=False), connect()
    one.execute("select unwind.start_run('checkout', 'r', business_key => 'one')")
    race = in_background(two.execute, "select unwind.start_run('checkout', 'r', business_key => 'two')")
    wait_until_blocked(two)
    if first_commits:
        one.commit()
        with pytest.raises(psycopg.Error) as refused:
            race.result()
        assert refused.value.sqlstate == "UW013"
    else:
        one.rollback()
        race.result()
    winner = "one" if first_commits else "two"
    assert shop("select business_key from unwind.workflow_runs") == [(winner,)]


def test_an_entity_has_one_owner_across_workflows(shop: Any) -> None:
    shop.conn.execute("select unwind.define_workflow('returns')")
    shop.conn.execute("select unwind.define_step('returns', 'reopen', 'orders', 'id')")
    shop.whole_run("first")
    shop.conn.execute("select unwind.start_run('returns', 'second')")
    assert shop.refused("select unwind.record_step('second', 'reopen', 'o-first')").sqlstate == "UW004"


def test_a_root_added_to_a_step_is_owned_by_the_runs_that_are_live(shop: Any) -> None:
    shop.conn.execute("create table invoices (order_id text primary key)")
    shop.whole_run("first")
    shop.conn.execute("select unwind.define_step('checkout', 'order', 'invoices', 'order_id')")
    shop.conn.execute("select unwind.define_workflow('billing')")
    shop.conn.execute("select unwind.define_step('billing', 'bill', 'invoices', 'order_id')")
    shop.conn.execute("select unwind.start_run('billing', 'second')")
    assert shop.refused("select unwind.record_step('second', 'bill', 'o-first')").sqlstate == "UW004"


def test_one_integer_has_one_owner_however_it_is_written(conn: psycopg.Connection[Any]) -> None:
    conn.execute("create table t (id int primary key)")
    conn.execute("select unwind.define_workflow('w'), unwind.define_step('w', 's', 't', 'id')")
    conn.execute("select unwind.start_run('w', 'first'), unwind.start_run('w', 'second')")
    conn.execute("select unwind.record_step('first', 's', '7')")
    with pytest.raises(psycopg.Error) as error:
        conn.execute("select unwind.record_step('second', 's', '007')")
    assert error.value.sqlstate == "UW004"


def test_rows_of_others_that_refer_make_the_whole_call_fail_and_are_named(shop: Any) -> None:
    shop.whole_run("r")
    shop.conn.execute("insert into payments values ('theirs', 'o-r', 1), ('also', 'o-r', 1)")
    error = shop.refused("select * from unwind.compensate_run('r')")
    assert error.sqlstate == "UW007"
    assert "public.payments" in str(error) and "count: 2" in str(error)
    assert "(id, order_id)=(also, o-r), (id, order_id)=(theirs, o-r)" in (error.diag.message_detail or "")
    assert error.diag.table_name == "public.payments"


def test_two_runs_with_a_common_parent_can_be_undone_together_or_the_child_first(shop: Any) -> None:
    shop.start("parent")
    shop.order("parent", "o")
    shop.start("child")
    shop.payment("child", "p", "o")
    assert shop.refused("select * from unwind.compensate_run('parent')").sqlstate == "UW007"
    with shop.conn.transaction(force_rollback=True):
        shop.conn.execute("select * from unwind.compensate_runs(array['parent', 'child'])")
        assert shop.left() == 0
    shop.conn.execute("select * from unwind.compensate_run('child')")
    assert shop.left() == 3
    shop.conn.execute("select * from unwind.compensate_run('parent')")
    assert shop.left() == 0


@pytest.mark.parametrize("action", ["no action", "restrict", "no action deferrable initially deferred"])
def test_a_real_foreign_key_from_outside_the_plan_is_named_too(shop: Any, action: str) -> None:
    shop.conn.execute(f"create table notes (id int, order_id text references orders on delete {action})")
    shop.conn.execute("select unwind.compile_workflow('checkout')")
    shop.whole_run("r")
    shop.conn.execute("insert into notes values (1, 'o-r')")
    error = shop.refused("select * from unwind.compensate_run('r')")
    assert (error.sqlstate, error.diag.table_name) == ("UW007", "public.notes")


def test_a_foreign_key_newer_than_the_plan_is_refused_with_the_way_out(shop: Any) -> None:
    shop.whole_run("r")
    shop.conn.execute("create table notes (id int, order_id text constraint fresh references orders)")
    shop.conn.execute("insert into notes values (1, 'o-r')")
    error = shop.refused("select * from unwind.compensate_run('r')")
    assert (error.sqlstate, error.diag.constraint_name) == ("UW007", "fresh")
    assert "public.notes" in str(error)
    assert "compile_workflow" in (error.diag.message_hint or "")


def test_a_key_is_refused_while_its_owner_is_being_undone_and_free_thereafter(
    shop: Any, connect: Any
) -> None:
    shop.whole_run("first")
    shop.start("second")
    undoer = connect(autocommit=False)
    undoer.execute("select * from unwind.compensate_run('first')")
    assert shop.refused("select unwind.record_step('second', 'order', 'o-first')").sqlstate == "UW004"
    undoer.commit()
    shop.order("second", "o-first")
    assert shop.left() == 3


def test_rows_in_flight_under_a_real_foreign_key_are_waited_for_and_refuse_the_undo(
    shop: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    shop.conn.execute("alter table payments add foreign key (order_id) references orders")
    shop.conn.execute("select unwind.compile_workflow('checkout')")
    shop.start("parent")
    shop.order("parent", "o")
    shop.start("child")
    worker, undoer = connect(autocommit=False), connect()
    worker.execute("select unwind.record_step('child', 'payment', 'p')")
    worker.execute("insert into payments values ('p', 'o', 1)")
    undo = in_background(undoer.execute, "select * from unwind.compensate_run('parent')")
    wait_until_blocked(undoer)
    worker.commit()
    with pytest.raises(psycopg.Error) as refused:
        undo.result()
    assert (refused.value.sqlstate, refused.value.diag.table_name) == ("UW007", "public.payments")
    assert (shop.status("parent"), shop.left()) == ("RUNNING", 4)


IN_FLIGHT = """
create table briefs (id text primary key);
create table strategies (id text primary key, brief_id text references briefs on delete {action});
create table notes (id text primary key, strategy_id text references strategies on delete {action});
create index on strategies (brief_id);
create index on notes (strategy_id);
select unwind.define_workflow('w');
select unwind.define_step('w', 'brief', 'briefs', 'id');
select unwind.define_step('w', 'note', 'notes', 'id');
select unwind.start_run('w', 'mine'), unwind.start_run('w', 'theirs');
select unwind.record_step('mine', 'brief', 'b');
insert into briefs values ('b');
insert into strategies values ('s', 'b');
"""
RESTRICT = """
select unwind.declare_foreign_key('strategies', '{brief_id}', 'briefs', '{id}');
select unwind.declare_foreign_key('notes', '{strategy_id}', 'strategies', '{id}', 'restrict')
"""
CASCADE = RESTRICT.replace("restrict", "cascade")


@pytest.mark.parametrize("call", ["compensate_run('mine')", "compensate_runs(array['mine'])"])
@pytest.mark.parametrize("declared", ["", RESTRICT])
def test_postgresqls_own_cascade_does_not_take_another_runs_rows_that_were_in_flight(
    conn: psycopg.Connection[Any],
    connect: Any,
    wait_until_blocked: Any,
    in_background: Any,
    call: str,
    declared: str,
) -> None:
    conn.execute(IN_FLIGHT.format(action="cascade").encode())
    conn.execute(declared.encode())
    worker, undoer = connect(autocommit=False), connect(options="-c statement_timeout=20s")
    worker.execute("select unwind.record_step('theirs', 'note', 'n')")
    worker.execute("insert into notes values ('n', 's')")
    undo = in_background(undoer.execute, f"select * from unwind.{call}")
    wait_until_blocked(undoer)
    worker.commit()
    with pytest.raises(psycopg.Error, match=r"public\.notes") as refused:
        undo.result()
    assert refused.value.sqlstate == "UW007"
    for table in ("briefs", "strategies", "notes"):
        assert len(conn.execute(f"select from {table}".encode()).fetchall()) == 1


@pytest.mark.parametrize("action", ["cascade", "set null"])
def test_rows_in_flight_that_belong_to_no_run_are_waited_for_and_on_the_receipts(
    conn: psycopg.Connection[Any], connect: Any, wait_until_blocked: Any, in_background: Any, action: str
) -> None:
    conn.execute(IN_FLIGHT.format(action=action).encode())
    conn.execute(CASCADE.encode())
    worker, undoer = connect(autocommit=False), connect(options="-c statement_timeout=20s")
    worker.execute("insert into strategies values ('late', 'b')")
    worker.execute("insert into notes values ('n', 'late')")
    undo = in_background(undoer.execute, "select table_name, rows_deleted from unwind.compensate_run('mine')")
    wait_until_blocked(undoer)
    worker.commit()
    assert undo.result().fetchall() == [
        ("public.notes", 1),
        ("public.strategies", 2),
        ("public.briefs", 1),
    ]


# The tables that a name means -----------------------------------------------------------------------

TENANTS = """
create schema acme;
create schema bolt;
create table acme.invoice (id int primary key);
create table bolt.invoice (id int primary key);
select unwind.define_workflow('w'), unwind.define_step('w', 'bill', 'acme.invoice', 'id');
select unwind.start_run('w', 'r');
insert into acme.invoice values (9);
"""
CALLS = ["record_step('r', 'bill', '7')", "record_if_new('r', 'bill', '7')", "adopt_entity('r', 'bill', '9')"]


tenants_template = holding(TENANTS)


@pytest.fixture
def tenants(tenants_template: Any, conn: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """A workflow over one tenant's table, of whose name another tenant has one too."""
    return conn


@pytest.mark.parametrize("call", CALLS)
def test_a_worker_to_whom_the_name_is_another_table_records_nothing(
    tenants: psycopg.Connection[Any], call: str
) -> None:
    tenants.execute("set search_path = bolt")
    with pytest.raises(psycopg.Error, match=r"bolt\.invoice .*acme\.invoice") as refused:
        tenants.execute(f"select unwind.{call}".encode())
    assert refused.value.sqlstate == "UW009"
    assert tenants.execute("select * from unwind.run_steps").fetchall() == []
    hint = refused.value.diag.message_hint or ""
    assert "set local search_path = acme;" in hint
    with tenants.transaction():
        tenants.execute("set local search_path = acme")
        tenants.execute(f"select unwind.{call}".encode())


@pytest.mark.parametrize(
    ("before", "meant"),
    [
        ("set search_path = nowhere, bolt, acme", "bolt.invoice"),
        ('set search_path = "bolt", acme', "bolt.invoice"),
        ("select set_config('search_path', ' Bolt , \"acme\"', false)", "bolt.invoice"),
        ("set search_path = acme; create temporary table invoice (id int)", "pg_temp"),
        (
            "create schema authorization current_user; create table {user}.invoice (id int); "
            "reset search_path",
            "{user}.invoice",
        ),
        (
            "drop table bolt.invoice; create view bolt.invoice as select 7 as id; "
            "set search_path = bolt, acme",
            "bolt.invoice",
        ),
        (
            "drop table bolt.invoice; create table bolt.invoice (id int) partition by list (id); "
            "set search_path = bolt",
            "bolt.invoice",
        ),
    ],
)
def test_however_the_name_comes_to_mean_it(tenants: psycopg.Connection[Any], before: str, meant: str) -> None:
    user = tenants.info.user
    tenants.execute(before.format(user=user).encode())
    with pytest.raises(psycopg.Error, match=meant.format(user=user)) as refused:
        tenants.execute("select unwind.record_step('r', 'bill', '7')")
    assert refused.value.sqlstate == "UW009"


@pytest.mark.parametrize(
    "before",
    [
        "set search_path = acme, bolt",
        "set search_path = pg_catalog",
        "set search_path = ''",
        'set search_path = nowhere, "$user"',
        "set search_path = acme, pg_temp; create temporary table invoice (id int)",
        "drop table bolt.invoice; create view bolt.invoice as select * from acme.invoice; "
        "set search_path = bolt",
        "drop table bolt.invoice; create table bolt.invoice () inherits (acme.invoice); "
        "set search_path = bolt",
    ],
)
def test_a_name_that_means_the_root_a_part_or_view_of_it_or_nothing_is_fine(
    tenants: psycopg.Connection[Any], before: str
) -> None:
    tenants.execute(before.encode())
    tenants.execute("select unwind.record_step('r', 'bill', '7')")


def test_every_root_of_the_step_has_to_be_meant(tenants: psycopg.Connection[Any]) -> None:
    tenants.execute(
        """create table acme."Line %s" (id int); create table bolt."Line %s" (id int);
        drop table bolt.invoice;
        select unwind.define_step('w', 'bill', 'acme."Line %s"', 'id')"""
    )
    tenants.execute("set search_path = bolt")
    with pytest.raises(psycopg.Error, match=r'bolt\."Line %s"') as refused:
        tenants.execute("select unwind.record_step('r', 'bill', '7')")
    assert refused.value.sqlstate == "UW009"


@pytest.fixture
def clerk(tenants: psycopg.Connection[Any]) -> Iterator[str]:
    """A role that may record, and delete what it records; it may use no schema of the tenants'."""
    role = f"clerk_{tenants.info.dbname}"
    tenants.execute(f"create role {role}".encode())
    try:
        tenants.execute(f"select unwind_internal.grant_access('{role}', 'application')".encode())
        tenants.execute(f"grant delete on acme.invoice to {role}".encode())
        yield role
    finally:
        tenants.execute("reset role")
        tenants.execute(f"drop owned by {role} cascade; drop role {role}".encode())


def test_a_schema_that_the_role_may_not_use_has_no_tables_for_it(
    tenants: psycopg.Connection[Any], clerk: str
) -> None:
    meant = "select unwind_internal.other_table_meant('acme.invoice', 'bolt, acme')::text"
    assert tenants.execute(meant.encode()).fetchone() == ("bolt.invoice",)
    tenants.execute(f"grant usage on schema acme to {clerk}; set role {clerk}".encode())
    assert tenants.execute(meant.encode()).fetchone() == (None,)


DIRECTLY = "select unwind_compiled.record('r', 'bill', '{7}')"


@pytest.mark.parametrize("path", ["acme", "acme, bolt", '"$user", public', '"$user", acme', "nowhere", "''"])
def test_what_plainly_means_the_root_or_nothing_is_recorded_the_short_way(
    tenants: psycopg.Connection[Any], path: str
) -> None:
    tenants.execute(f"set search_path = {path}".encode())
    assert tenants.execute(DIRECTLY).fetchone() == (True,)


@pytest.mark.parametrize(
    ("before", "path", "meant"),
    [
        ("grant usage on schema acme, bolt to {clerk}", "acme, bolt", None),
        ("grant usage on schema acme to {clerk}", '"$user", acme', None),
        ("grant usage on schema acme to {clerk}", "bolt, acme", None),
        ("grant usage on schema bolt to {clerk}", "acme, bolt", "bolt.invoice"),
        (
            "grant usage on schema acme to {clerk}; create schema authorization {clerk};"
            "create table {clerk}.invoice (id int)",
            '"$user", acme',
            "{clerk}.invoice",
        ),
        (
            "alter schema acme rename to {user}; grant usage on schema bolt, {user} to {clerk};"
            "select unwind.compile_workflow('w')",
            '"$user", bolt',
            "bolt.invoice",
        ),
    ],
)
def test_it_is_the_role_that_records_to_whom_a_name_means_a_table(
    tenants: psycopg.Connection[Any], clerk: str, before: str, path: str, meant: str | None
) -> None:
    names = {"clerk": clerk, "user": tenants.info.user}
    tenants.execute(before.format(**names).encode())
    tenants.execute("select unwind.start_run('w', 'own')")
    tenants.execute(f"set role {clerk}; set search_path = {path}".encode())
    record = "select unwind.record_step('own', 'bill', '7')"
    if meant is None:
        tenants.execute(record)
        return
    with pytest.raises(psycopg.Error, match=meant.format(**names)) as refused:
        tenants.execute(record)
    assert refused.value.sqlstate == "UW009"
