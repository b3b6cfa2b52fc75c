"""Foreign keys and tables as PostgreSQL allows them: what belongs to the run goes, and nothing else."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

Connection = psycopg.Connection[Any]

# Per case: tables and rows of the entities p1 and p2; afterwards what p1 has to have left, per table.
# The root is always parents, by the column key.
FOREIGN_KEYS = {
    "a composite key, its columns named in another order": (
        """create table parents (key text, a int, b int, primary key (a, b));
        create table kids (id int, x int, y int,
            foreign key (y, x) references parents (b, a) on delete cascade);
        insert into parents values ('p1', 1, 2), ('p2', 2, 1);
        insert into kids values (1, 1, 2), (2, 2, 1);""",
        {"kids": "{2}"},
    ),
    "match full": (
        """create table parents (key text, a int, b int, primary key (a, b));
        create table kids (id int, x int, y int,
            foreign key (x, y) references parents match full on delete cascade);
        insert into parents values ('p1', 1, 2), ('p2', 2, 1);
        insert into kids values (1, 1, 2), (2, 2, 1), (3, null, null);""",
        {"kids": "{2,3}"},
    ),
    "a null in a composite link refers to nothing": (
        """create table parents (key text, a int, b int, primary key (a, b));
        create table kids (id int, x int, y int, foreign key (x, y) references parents on delete cascade);
        insert into parents values ('p1', 1, 2), ('p2', 2, 1);
        insert into kids values (1, 1, 2), (2, 1, null), (3, null, 2);""",
        {"kids": "{2,3}"},
    ),
    "not valid, with rows that dangle": (
        """create table parents (key text primary key); create table kids (id int, up text);
        insert into kids values (1, 'p1'), (2, 'p2'), (3, 'nobody');
        alter table kids add foreign key (up) references parents on delete cascade not valid;
        insert into parents values ('p1'), ('p2');""",
        {"kids": "{2,3}"},
    ),
    "to a unique constraint, not the primary key": (
        """create table parents (id int primary key, key text not null, code text unique);
        create table kids (id int, up text references parents (code) on delete cascade);
        insert into parents values (1, 'p1', 'a'), (2, 'p1', null), (3, 'p2', 'b');
        insert into kids values (1, 'a'), (2, 'b'), (3, null);""",
        {"kids": "{2,3}"},
    ),
    "twice from one child": (
        """create table parents (key text primary key);
        create table kids (id int, up text references parents on delete cascade,
            other text references parents on delete cascade);
        insert into parents values ('p1'), ('p2');
        insert into kids values (1, 'p1', 'p1'), (2, 'p2', 'p1'), (3, 'p1', null), (4, 'p2', 'p2');""",
        {"kids": "{4}"},
    ),
    "set null with a column list": (
        """create table parents (key text, n int, primary key (key, n));
        create table kids (id int, up text, n int not null,
            foreign key (up, n) references parents on delete set null (up));
        insert into parents values ('p1', 1), ('p2', 1);
        insert into kids values (1, 'p1', 1), (2, 'p2', 1);""",
        {"kids": "{1,2}"},
    ),
    "set default": (
        """create table parents (key text primary key);
        create table kids (id int, up text default 'p2' references parents on delete set default);
        insert into parents values ('p1'), ('p2'); insert into kids values (1, 'p1'), (2, 'p2');""",
        {"kids": "{1,2}"},
    ),
    "on a partitioned table of several levels": (
        """create table parents (key text primary key);
        create table kids (id int, up text references parents on delete cascade) partition by range (id);
        create table kids_low partition of kids for values from (0) to (10) partition by hash (id);
        create table kids_low_0 partition of kids_low for values with (modulus 2, remainder 0);
        create table kids_low_1 partition of kids_low for values with (modulus 2, remainder 1);
        create table kids_high partition of kids default;
        insert into parents values ('p1'), ('p2');
        insert into kids select n, 'p' || (n % 2 + 1) from generate_series(1, 20) as n;""",
        {"kids": "{1,3,5,7,9,11,13,15,17,19}"},
    ),
    "to a partitioned table, by a key that has the partition column": (
        """create table parents (key text, day int, primary key (key, day)) partition by list (day);
        create table parents_1 partition of parents for values in (1);
        create table parents_2 partition of parents for values in (2);
        create table kids (id int, up text, day int,
            foreign key (up, day) references parents on delete cascade);
        insert into parents values ('p1', 1), ('p1', 2), ('p2', 2);
        insert into kids values (1, 'p1', 1), (2, 'p1', 2), (3, 'p2', 2);""",
        {"kids": "{3}"},
    ),
    "between two partitioned tables": (
        """create table parents (key text primary key) partition by hash (key);
        create table parents_0 partition of parents for values with (modulus 2, remainder 0);
        create table parents_1 partition of parents for values with (modulus 2, remainder 1);
        create table kids (id int, up text references parents) partition by list (up);
        create table kids_1 partition of kids for values in ('p1');
        create table kids_2 partition of kids default;
        select unwind.declare_foreign_key('kids', '{up}', 'parents', '{key}');
        insert into parents values ('p1'), ('p2');
        insert into kids values (1, 'p1'), (2, 'p2'), (3, 'p1');""",
        {"kids": "{2}"},
    ),
    "of one partition alone": (
        """create table parents (key text primary key);
        create table kids (id int, up text) partition by list (id);
        create table kids_1 partition of kids for values in (1);
        create table kids_2 partition of kids default;
        alter table kids_1 add foreign key (up) references parents on delete cascade;
        insert into parents values ('p1'), ('p2');
        insert into kids values (1, 'p1'), (2, 'p1'), (3, 'p2');""",
        {"kids": "{2,3}"},
    ),
}
TABLES = {
    "inheritance": (
        """create table parents (key text primary key); create table kids (id int, up text);
        create table special_kids (toy text) inherits (kids);
        select unwind.declare_foreign_key('kids', '{up}', 'parents', '{key}');
        insert into parents values ('p1'), ('p2'); insert into kids values (1, 'p1'), (2, 'p2');
        insert into special_kids values (3, 'p1', 'bear'), (4, 'p2', 'train');""",
        {"kids": "{2,4}"},
    ),
    "identity and generated columns, generated ones as a link": (
        """create table parents (key text primary key);
        create table kids (id int generated always as identity, name text,
            up text generated always as (left(name, 2)) stored);
        select unwind.declare_foreign_key('kids', '{up}', 'parents', '{key}');
        insert into parents values ('p1'), ('p2'); insert into kids (name) values ('p1-a'), ('p2-a');""",
        {"kids": "{2}"},
    ),
    "unlogged": (
        """create unlogged table parents (key text primary key);
        create unlogged table kids (id int, up text references parents on delete cascade);
        insert into parents values ('p1'), ('p2'); insert into kids values (1, 'p1'), (2, 'p2');""",
        {"kids": "{2}"},
    ),
    "in schemas outside of the search_path, under the same names": (
        """create schema "Other One"; create table parents (key text primary key);
        create table "Other One".parents (key text primary key, up text references parents);
        create table kids (id int, up text references "Other One".parents on delete cascade);
        select unwind.declare_foreign_key('"Other One".parents', '{up}', 'parents', '{key}');
        insert into parents values ('p1'), ('p2');
        insert into "Other One".parents values ('a', 'p1'), ('b', 'p2');
        insert into kids values (1, 'a'), (2, 'b');
        set search_path = pg_catalog;""",
        {"public.kids": "{2}"},
    ),
    "a root that is partitioned by something else than its key": (
        """create table parents (key text, day int) partition by range (day);
        create table parents_1 partition of parents for values from (0) to (10);
        create table parents_2 partition of parents default;
        create table kids (id int, up text);
        select unwind.declare_foreign_key('kids', '{up}', 'parents', '{key}');
        insert into parents values ('p1', 1), ('p1', 11), ('p2', 1);
        insert into kids values (1, 'p1'), (2, 'p2');""",
        {"kids": "{2}"},
    ),
}
WAYS = {
    "one": "select * from unwind.compensate_run('r')",
    "several": "select * from unwind.compensate_runs('{r}')",
    "batches": "call unwind.compensate_run_in_batches('r', 1)",
}


@pytest.mark.parametrize("way", list(WAYS))
@pytest.mark.parametrize("case", [*FOREIGN_KEYS, *TABLES])
def test_what_belongs_goes_and_nothing_else(conn: Connection, case: str, way: str) -> None:
    schema, left = (FOREIGN_KEYS | TABLES)[case]
    conn.execute("select unwind.define_workflow('w')")
    conn.execute(schema.encode())
    conn.execute("select unwind.define_step('w', 's', 'public.parents', 'key')")
    conn.execute("select unwind.start_run('w', 'r'), unwind.adopt_entity('r', 's', 'p1')")
    conn.execute("select unwind.compile_workflow('w')")
    preview = totals(conn, "select table_name, row_count from unwind.preview_run('r')")
    conn.execute(WAYS[way].encode())
    assert conn.execute("select distinct key from public.parents").fetchall() == [("p2",)]
    for table, ids in left.items():
        found = conn.execute(
            f"select coalesce(array_agg(id order by id), '{{}}')::text from {table}".encode()
        )
        assert found.fetchone() == (ids,)
    assert totals(conn, "select table_name, rows_deleted from unwind.compensations") == preview
    assert conn.execute("select * from unwind.verify_run('r')").fetchall() == []


def totals(conn: Connection, query: str) -> list[Any]:
    return conn.execute(
        f"select q.t, sum(q.n) from ({query}) as q (t, n) group by 1 having sum(q.n) > 0 order by 1".encode()
    ).fetchall()


def made_since_18(conn: Connection, schema: str) -> bool:
    """Make what PostgreSQL has from 18 on, and say so; before that, see it refused."""
    if conn.info.server_version < 180000:
        with pytest.raises(psycopg.errors.SyntaxError):
            conn.execute(schema.encode())
        return False
    conn.execute(schema.encode())
    return True


# Ranges for all, for the server may be without btree_gist.
PERIODS = """
create table parents (id int4range, valid daterange, primary key (id, valid without overlaps));
create table kids (id int, room int4range, during daterange,
    foreign key (room, period during) references parents (id, period valid));
insert into parents values ('[1,2)', '[2026-01-01,2026-06-01)'), ('[1,2)', '[2026-06-01,2027-01-01)'),
    ('[1,3)', '[2026-01-01,2027-01-01)');
insert into kids values (1, '[1,2)', '[2026-02-01,2026-03-01)'), (2, '[1,2)', '[2026-05-01,2026-07-01)'),
    (3, '[1,3)', '[2026-02-01,2026-03-01)');
select unwind.define_workflow('w'), unwind.define_step('w', 's', 'parents', 'id');
select unwind.start_run('w', 'r'), unwind.adopt_entity('r', 's', '[1,2)');
"""


def test_temporal_keys_where_the_server_has_them(conn: Connection) -> None:
    if not made_since_18(conn, PERIODS):
        return
    assert conn.execute("select * from unwind.find_orphans()").fetchall() == []
    with pytest.raises(psycopg.Error, match=r"kids.*count: 2") as refused:
        conn.execute(WAYS["one"].encode())
    assert refused.value.sqlstate == "UW007"
    conn.execute("select unwind.declare_foreign_key('kids', '{room,during}', 'parents', '{id,valid}')")
    assert totals(conn, "select table_name, row_count from unwind.preview_run('r')") == [
        ("public.kids", 2),
        ("public.parents", 2),
    ]
    conn.execute(WAYS["one"].encode())
    assert conn.execute("select id from kids").fetchall() == [(3,)]


NOT_ENFORCED = """
create table parents (key text primary key);
create table kids (id int, up text references parents on delete cascade not enforced);
create table friends (id int, up text references parents on delete set null not enforced);
create table guests (id int, up text references parents on delete set default not enforced);
insert into parents values ('p1'), ('p2');
insert into kids values (1, 'p1'), (2, 'p2'); insert into friends values (1, 'p1'), (2, 'p2');
insert into guests values (1, 'p1');
select unwind.define_workflow('w'), unwind.define_step('w', 's', 'parents', 'key');
select unwind.start_run('w', 'r'), unwind.adopt_entity('r', 's', 'p1');
"""


@pytest.mark.parametrize("way", list(WAYS))
def test_what_a_key_that_is_not_enforced_says_is_done_by_the_undo(conn: Connection, way: str) -> None:
    if not made_since_18(conn, NOT_ENFORCED):
        return
    with pytest.raises(psycopg.Error, match=r"guests.*count: 1") as refused:
        conn.execute(WAYS[way].encode())
    assert refused.value.sqlstate == "UW007"
    conn.execute("delete from guests")
    conn.execute(WAYS[way].encode())
    assert conn.execute("select key from parents").fetchall() == [("p2",)]
    assert conn.execute("select id from kids").fetchall() == [(2,)]
    assert conn.execute("select id, up from friends order by id").fetchall() == [(1, None), (2, "p2")]
    assert conn.execute("select * from unwind.find_orphans()").fetchall() == []


def test_a_new_key_that_is_not_enforced_makes_the_plan_stale(conn: Connection) -> None:
    if not made_since_18(conn, NOT_ENFORCED):
        return
    conn.execute("delete from guests")
    conn.execute("create table pets (id int, up text references parents on delete cascade not enforced)")
    with pytest.raises(psycopg.Error, match=r"foreign key is new: public\.pets.*not enforced") as refused:
        conn.execute(WAYS["one"].encode())
    assert refused.value.sqlstate == "UW009"


def test_a_root_that_is_one_partition_takes_what_refers_to_the_whole_table(conn: Connection) -> None:
    conn.execute(
        """create table parents (key text primary key) partition by list (key);
        create table parents_1 partition of parents for values in ('p1');
        create table parents_2 partition of parents default;
        create table kids (id int, up text references parents on delete cascade);
        create index on kids (up);
        insert into parents values ('p1'), ('p2'); insert into kids values (1, 'p1'), (2, 'p2');
        select unwind.define_workflow('w'), unwind.define_step('w', 's', 'parents_1', 'key');
        select unwind.start_run('w', 'r'), unwind.adopt_entity('r', 's', 'p1');"""
    )
    conn.execute(WAYS["one"].encode())
    assert conn.execute(
        "select table_name, rows_deleted from unwind.compensations order by 1"
    ).fetchall() == [
        ("public.kids", 1),
        ("public.parents_1", 1),
    ]


def test_a_key_to_one_partition_that_postgresql_would_cascade_through_is_refused(conn: Connection) -> None:
    conn.execute(
        """create table parents (key text primary key) partition by list (key);
        create table parents_1 partition of parents for values in ('p1');
        create table parents_2 partition of parents default;
        create table kids (id int, up text references parents_1 on delete cascade);
        select unwind.define_workflow('w');"""
    )
    with pytest.raises(psycopg.Error, match=r"kids.*parents_1") as refused:
        conn.execute("select unwind.define_step('w', 's', 'parents', 'key')")
    assert refused.value.sqlstate == "UW009"
