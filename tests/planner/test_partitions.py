"""A partitioned table is one table: links of its partitions are folded onto it, or those without named."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from ways import undone

Connection = psycopg.Connection[Any]

SETUP = """
create table cust (id int primary key);
create table pay (id int, cust_id int, kind int) partition by list (kind);
create table pay_1 partition of pay for values in (1);
create table pay_2 partition of pay for values in (2);
create index on pay_1 (cust_id);
create index on pay_2 (cust_id);
"""
SHAPES = {
    "leaves": "",
    "a default partition": """
        create table pay_rest partition of pay default;
        create index on pay_rest (cust_id);
    """,
    "a partition that is partitioned": """
        create table pay_rest partition of pay default partition by hash (id);
        create table pay_rest_0 partition of pay_rest for values with (modulus 2, remainder 0);
        create table pay_rest_1 partition of pay_rest for values with (modulus 2, remainder 1);
        create index on pay_rest (cust_id);
    """,
}
LEAF_KEY = "alter table pay_1 add constraint leaf foreign key (cust_id) references cust {}"
WORKFLOW = "select unwind.define_workflow('w'), unwind.define_step('w', 'c', 'cust', 'id')"
DECLARE = "select unwind.declare_foreign_key(%s, '{cust_id}', 'cust', '{id}', %s)"
ROWS = """
insert into cust values (1), (2);
insert into pay values (1, 1, 1), (2, 1, 2), (3, 2, 1), (4, 2, 2);
select unwind.start_run('w', 'r'), unwind.record_step('r', 'c', '1');
"""
ACTIONS = ["", "on delete cascade", "on delete set null"]
COMPENSATE = "select * from unwind.compensate_run('r')"
UNDO = [
    COMPENSATE,
    "select * from unwind.compensate_runs(array['r'])",
    "call unwind.compensate_run_in_batches('r', 1)",
]


def check(conn: Connection) -> list[tuple[str, str, str, str]]:
    return conn.execute("select code, object, message, fix from unwind.check_workflow('w')").fetchall()


def receipts(conn: Connection) -> list[tuple[str, int]]:
    return conn.execute(
        "select table_name, rows_deleted from unwind.compensations order by ordinal"
    ).fetchall()


def suggest(conn: Connection) -> list[str]:
    return [line for (line,) in conn.execute("select unwind.suggest_workflow('cust')").fetchall()]


def assert_undone(conn: Connection) -> None:
    assert receipts(conn) == [("public.pay", 2), ("public.cust", 1)]
    assert conn.execute("select id from pay order by id").fetchall() == [(3,), (4,)]
    assert conn.execute("select * from unwind.verify_run('r')").fetchall() == []
    assert conn.execute("select * from unwind.find_orphans()").fetchall() == []


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("shape", list(SHAPES))
def test_a_row_of_a_partition_with_a_key_of_its_own_is_counted_once(
    conn: Connection, shape: str, action: str
) -> None:
    conn.execute((SETUP + SHAPES[shape] + LEAF_KEY.format(action)).encode())
    conn.execute(WORKFLOW)
    conn.execute(DECLARE, ["pay", "cascade"])
    assert check(conn) == []
    conn.execute(ROWS)
    preview = conn.execute("select table_name, row_count from unwind.preview_run('r')").fetchall()
    assert preview == [("public.pay", 2), ("public.cust", 1)]
    for undo in UNDO:
        with undone(conn, undo):
            assert_undone(conn)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("shape", list(SHAPES))
def test_the_check_names_the_partitions_without_the_key_and_its_fix_is_the_cure(
    conn: Connection, shape: str, action: str
) -> None:
    conn.execute((SETUP + SHAPES[shape] + LEAF_KEY.format(action)).encode())
    conn.execute(WORKFLOW)
    [(name, message, fix)] = [line[1:] for line in check(conn) if line[0] == "partition_link"]
    assert name == "public.pay"
    leaves = conn.execute(
        "select relid::text from pg_partition_tree('pay') "
        "where isleaf and relid <> 'pay_1'::regclass order by 1"
    ).fetchall()
    assert ", ".join(f"public.{leaf}" for (leaf,) in leaves) + " ha" in message
    assert message.startswith("public.pay_1 (cust_id) refers to public.cust")
    for *_, mend in check(conn):
        conn.execute(mend.encode())
    assert check(conn) == []
    [(declared,)] = conn.execute("select on_delete from unwind.logical_foreign_keys").fetchall()
    assert declared == ("set null" if "null" in action else "cascade")
    assert "declare_foreign_key('public.pay'" in fix


def test_a_link_declared_for_one_partition_is_named_too(conn: Connection) -> None:
    conn.execute(SETUP)
    conn.execute(WORKFLOW)
    conn.execute(DECLARE, ["pay_1", "restrict"])
    [(code, name, _, fix)] = check(conn)
    assert (code, name) == ("partition_link", "public.pay")
    conn.execute(fix.encode())
    [(code, name, message, fix)] = check(conn)
    assert (code, name) == ("partition_link", "public.pay_1")
    assert "does not count" in message
    conn.execute(fix.encode())
    assert check(conn) == []
    assert conn.execute(
        "select child_table::text, on_delete from unwind.logical_foreign_keys"
    ).fetchall() == [("pay", "restrict")]


def test_each_partition_with_a_key_of_its_own_is_nothing_to_warn_of(conn: Connection) -> None:
    conn.execute(SETUP)
    for leaf in ("pay_1", "pay_2"):
        conn.execute(
            f"alter table {leaf} add foreign key (cust_id) references cust on delete cascade".encode()
        )
    conn.execute(WORKFLOW)
    assert check(conn) == []
    conn.execute(ROWS)
    conn.execute("select * from unwind.compensate_run('r')")
    assert conn.execute("select id from pay order by id").fetchall() == [(3,), (4,)]


def test_a_key_of_a_partitioned_partition_covers_what_lies_in_it(conn: Connection) -> None:
    conn.execute((SETUP + SHAPES["a partition that is partitioned"]).encode())
    for leaf in ("pay_1", "pay_2", "pay_rest"):
        conn.execute(
            f"alter table {leaf} add foreign key (cust_id) references cust on delete cascade".encode()
        )
    conn.execute(WORKFLOW)
    assert check(conn) == []


@pytest.mark.parametrize("whole", ["declared", "real"])
def test_a_partition_cannot_have_a_declaration_that_would_not_count(conn: Connection, whole: str) -> None:
    conn.execute(SETUP)
    conn.execute(WORKFLOW)
    if whole == "declared":
        conn.execute(DECLARE, ["pay", "cascade"])
    else:
        conn.execute("alter table pay add foreign key (cust_id) references cust")
    with pytest.raises(psycopg.Error, match=r"pay_1 is a partition of (public\.)?pay, whose") as error:
        conn.execute(DECLARE, ["pay_1", "set null"])
    assert error.value.sqlstate == "UW009"
    assert "declare_foreign_key('public.pay'" in str(error.value.diag.message_hint)


def test_a_partition_may_have_a_link_of_its_own_to_another_table(conn: Connection) -> None:
    conn.execute(SETUP)
    conn.execute("create table other (id int primary key)")
    conn.execute(WORKFLOW)
    conn.execute(DECLARE, ["pay", "cascade"])
    conn.execute("select unwind.declare_foreign_key('pay_1', '{cust_id}', 'other', '{id}')")
    declared = "select parent_table::text from unwind.logical_foreign_keys order by 1"
    assert conn.execute(declared).fetchall() == [("cust",), ("other",)]


def test_the_declared_action_counts_over_that_of_a_partition(conn: Connection) -> None:
    conn.execute((SETUP + LEAF_KEY.format("on delete cascade")).encode())
    conn.execute(WORKFLOW)
    conn.execute(DECLARE, ["pay", "restrict"])
    conn.execute(ROWS)
    with pytest.raises(psycopg.Error) as error:
        conn.execute(COMPENSATE)
    assert error.value.sqlstate == "UW007"
    conn.execute(DECLARE, ["pay", "set null"])
    conn.execute(COMPENSATE)
    assert conn.execute("select id, cust_id from pay order by id").fetchall() == [
        (1, None),
        (2, None),
        (3, 2),
        (4, 2),
    ]


def test_the_columns_that_a_partitions_key_clears_are_taken(conn: Connection) -> None:
    conn.execute(
        """
        create table people (tenant int, id int, primary key (tenant, id));
        create table posts (tenant int not null, author_id int) partition by list (tenant);
        create table posts_1 partition of posts for values in (1);
        create table posts_2 partition of posts default;
        alter table posts_1 add foreign key (tenant, author_id) references people
            on delete set null (author_id);
        create index on posts (tenant, author_id);
        select unwind.define_workflow('w'), unwind.define_step('w', 'p', 'people', 'tenant', 'id');
        select unwind.declare_foreign_key('posts', '{tenant,author_id}', 'people', '{tenant,id}', 'set null');
        select unwind.start_run('w', 'r'), unwind.record_step('r', 'p', '1', '5');
        insert into people values (1, 5);
        insert into posts values (1, 5), (2, 5);
        """
    )
    assert check(conn) == []
    conn.execute(COMPENSATE)
    assert conn.execute("select * from posts order by 1").fetchall() == [(1, None), (2, 5)]


@pytest.mark.parametrize("shape", list(SHAPES))
@pytest.mark.parametrize("action", ACTIONS)
def test_the_suggestion_declares_the_whole_table_and_names_the_partitions_without(
    conn: Connection, shape: str, action: str
) -> None:
    conn.execute((SETUP + SHAPES[shape]).encode())
    conn.execute((LEAF_KEY.format(action) + "; alter table pay_1 alter cust_id set not null").encode())
    lines = suggest(conn)
    [note] = [line for line in lines if "stands on" in line]
    assert note.startswith(
        "-- public.pay (cust_id): the foreign key stands on public.pay_1, and not on public.pay_2"
    )
    assert ("public.pay_rest" in note) == (shape != "leaves")
    assert not any("pay_1'" in line for line in lines)
    conn.execute("\n".join(lines).encode())
    conn.execute("alter table pay_1 alter cust_id drop not null")
    conn.execute(ROWS.replace("'w'", "'cust'").replace("'c'", "'cust'"))
    conn.execute(COMPENSATE)
    if "null" in action:
        assert conn.execute("select count(*) from pay where cust_id is null").fetchall() == [(2,)]
    else:
        assert_undone(conn)


def test_keys_of_all_partitions_are_suggested_for_the_whole_table_and_new_ones(conn: Connection) -> None:
    conn.execute(SETUP)
    for leaf in ("pay_1", "pay_2"):
        conn.execute(
            f"alter table {leaf} add foreign key (cust_id) references cust on delete cascade".encode()
        )
    lines = suggest(conn)
    [note] = [line for line in lines if "stands on" in line]
    assert "so on every partition, but not on new ones" in note
    assert [line for line in lines if line.startswith("select unwind.declare")] == [
        "select unwind.declare_foreign_key('public.pay', '{cust_id}', 'public.cust', '{id}', 'cascade');"
    ]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_partition_that_comes_later_with_its_key_is_part_of_the_whole(conn: Connection, when: str) -> None:
    conn.execute(SETUP)
    conn.execute(WORKFLOW)
    conn.execute(DECLARE, ["pay", "cascade"])
    conn.execute(
        "create table pay_3 (id int, cust_id int references cust, kind int); create index on pay_3 (cust_id)"
    )
    if when == "before":
        conn.execute("insert into cust values (1); insert into pay_3 values (9, 1, 3); delete from pay_3")
    conn.execute("alter table pay attach partition pay_3 for values in (3)")
    assert {code for code, *_ in check(conn)} <= {"stale_plan"}
    conn.execute("select unwind.compile_workflow('w')")
    assert check(conn) == []
    conn.execute("truncate cust cascade")
    conn.execute(ROWS + "insert into pay values (5, 1, 3)")
    conn.execute(COMPENSATE)
    assert receipts(conn) == [("public.pay", 3), ("public.cust", 1)]


def test_a_partition_that_was_detached_is_a_table_of_its_own(conn: Connection) -> None:
    conn.execute((SETUP + LEAF_KEY.format("")).encode())
    conn.execute(WORKFLOW)
    conn.execute(DECLARE, ["pay", "cascade"])
    conn.execute("alter table pay detach partition pay_1")
    conn.execute("select unwind.compile_workflow('w')")
    found = {code: (name, fix) for code, name, _, fix in check(conn)}
    assert {code: name for code, (name, _) in found.items()} == {
        "uncovered_foreign_key": "public.pay_1",
        "detached_partition": "public.pay_1",
    }
    for _, fix in found.values():
        conn.execute(fix.encode())
    assert check(conn) == []


@pytest.mark.parametrize(
    ("indexes", "is_enough"),
    [
        ("create index on pay (cust_id)", True),
        ("create index on pay_1 (cust_id); create index on pay_2 (cust_id)", True),
        ("create index i on only pay (cust_id); create index on pay_1 (cust_id)", False),
        ("create index i on only pay (cust_id); create index j on pay_1 (cust_id); "
         "create index k on pay_2 (cust_id); alter index i attach partition j", True),
        ("create index on pay_1 (cust_id)", False),
        ("create index on pay_1 (cust_id); create index on pay_2 (cust_id) where id > 0", False),
    ],
)  # fmt: skip
def test_a_partitioned_table_has_an_index_where_each_of_its_partitions_has(
    conn: Connection, indexes: str, is_enough: bool
) -> None:
    conn.execute(SETUP)
    conn.execute("drop index pay_1_cust_id_idx; drop index pay_2_cust_id_idx")
    conn.execute(indexes.encode())
    conn.execute(WORKFLOW)
    conn.execute(DECLARE, ["pay", "cascade"])
    findings = check(conn)
    assert [code for code, *_ in findings] == ([] if is_enough else ["missing_index"])
    for *_, fix in findings:
        conn.execute(fix.encode())
    assert check(conn) == []


def test_what_a_foreign_partition_has_is_known_elsewhere(conn: Connection) -> None:
    conn.execute(SETUP)
    conn.execute(
        """
        create foreign data wrapper nothing;
        create server far foreign data wrapper nothing;
        create foreign table pay_far partition of pay for values in (3) server far;
        """
    )
    conn.execute(WORKFLOW)
    conn.execute(DECLARE, ["pay_1", "cascade"])
    [(code, _, message, _)] = check(conn)
    assert code == "partition_link"
    assert "public.pay_2, public.pay_far have none" in message
    assert conn.execute("select unwind_internal.has_index('pay', '{cust_id}')").fetchall() == [(True,)]


def test_of_many_partitions_ten_are_named(conn: Connection) -> None:
    conn.execute(SETUP)
    for number in range(3, 16):
        conn.execute(f"create table pay_{number} partition of pay for values in ({number})".encode())
    conn.execute("create index on pay (cust_id)")
    conn.execute(WORKFLOW)
    conn.execute(DECLARE, ["pay_1", "cascade"])
    [(_, _, message, _)] = check(conn)
    assert "public.pay_2, " not in message.split(" and 4 more have none")[1]
    assert message.count("public.pay_") == 11
