"""The tables of random histories, of all kinds, and foreign keys drawn among them."""

from __future__ import annotations

from random import Random
from typing import Any

import psycopg

from capture.judge import Link, Table

TABLES = (
    Table(
        "a", ("id", "v", "j", "u", "f", "g"), ("id",), ("id", "u"),
        "create table a (id int primary key, v text, j json, u int unique, f int, g int)",
    ),
    Table(
        "b", ("id", "v", "j", "u", "f", "g"), ("id",), ("id",),
        "create table b (id numeric primary key, v varchar(9) collate \"C\", j json, u numeric(6, 2), f int,"
        " g numeric)",
    ),
    Table(
        "p", ("k", "id", "v", "u", "f"), ("k", "id"), (),
        "create table p (k int, id int, v text, u int, f int, primary key (k, id)) partition by list (k);"
        "create table p_1 partition of p for values in (1, 2);"
        "create table p_3 (f int, u int, v text, id int not null, k int not null);"
        "alter table p attach partition p_3 for values in (3, 4, 5)",
    ),
    Table(
        "n", ("id", "v", "f", "w"), ("id",), ("id", "w"),
        "create table n (id int generated always as identity primary key, v text[], f int, w int,"
        " twice int generated always as (w * 2) stored, unique (w))",
    ),
    Table(
        "w", ("id", "d", "m", "l", "x", "y", "z", "r", "i"), ("id", "d"), (),
        "create type mood as enum ('low', 'high');"
        "create domain label as text check (value <> 'bad');"
        "create table w (id char(2), d float8, m mood, l label, x jsonb, y bytea, z timestamptz, r int4range,"
        " i interval, primary key (id, d))",
    ),
)  # fmt: skip
TRIGGERS = """
create table audit (at timestamptz default clock_timestamp(), row_before text, row_after text);
create function note() returns trigger language plpgsql as $$
begin
    insert into audit (row_before, row_after) values (old::text, new::text);
    return null;
end
$$;
create trigger note after insert or update or delete on a for each row execute function note();
create function count_up() returns trigger language plpgsql as $$
begin
    update n set v = array_append(v, tg_op) where id = coalesce(new.id, old.id);
    return null;
end
$$;
create trigger count_up after insert or update on p for each row
when (current_setting('unwind.undoing', true) is distinct from 'on') execute function count_up();
create function tidy() returns trigger language plpgsql as $$
begin
    new.l := upper(new.l);
    return new;
end
$$;
create trigger tidy before insert or update on w for each row
when (current_setting('unwind.undoing', true) is distinct from 'on') execute function tidy();
"""
"""One that writes elsewhere, one that changes another captured table, one that rewrites the row."""
ON_DELETE = ("no action", "restrict", "cascade", "cascade", "set null", "set null")


REFERENCES = (
    *((child, ("f",), parent, ("id",)) for child in "abpn" for parent in "abn"),
    *((child, ("f",), parent, (unique,)) for child in "abpn" for parent, unique in (("a", "u"), ("n", "w"))),
    *((child, (column, "f"), "p", ("k", "id")) for child, column in (("a", "u"), ("n", "w"), ("p", "k"))),
)
"""What may refer to what: also to itself, in cycles, to unique columns, and by two columns."""


def links(dice: Random) -> list[Link]:
    """Some foreign keys."""
    return [
        Link(
            *reference,
            on_delete=dice.choice(ON_DELETE),
            on_update=dice.choice(["no action", "restrict", "cascade", "set null"]),
            deferred=dice.random() < 0.5,
        )
        for reference in dice.sample(REFERENCES, dice.randrange(4))
    ]


FOREIGN_KEYS = """
select conrelid::regclass::text, quote_ident(conname) from pg_constraint
where contype = 'f' and conparentid = 0
"""
FORGET = """
select unwind.complete_run(id) from unwind.workflow_runs where status = 'RUNNING';
update unwind.workflow_runs set status = 'COMPENSATED' where status = 'FAILED';
select unwind.forget_images(array_agg(id)) from unwind.workflow_runs where images_dropped_at is null
"""


class Database:
    """The tables, captured, and a workflow; foreign keys that change now and then."""

    def __init__(self, conn: psycopg.Connection[Any]) -> None:
        self.conn = conn
        self.links: list[Link] = []
        self.triggers_are_on = True
        for table in TABLES:
            conn.execute(table.sql.encode())
        conn.execute(TRIGGERS)
        listed = ", ".join(f"'{table.name}'" for table in TABLES)
        conn.execute(f"select unwind.capture_table({listed}), unwind.define_workflow('w')".encode())

    def clear(self) -> None:
        """No rows are left, and no runs whose images somebody could inherit."""
        self.conn.execute(FORGET)
        for table in TABLES:
            if "f" in table.columns:  # it is in all foreign keys
                self.conn.execute(f"update {table.name} set f = null".encode())
        for table in TABLES:
            self.conn.execute(f"delete from {table.name}".encode())

    def refer(self, links: list[Link]) -> None:
        """Have these foreign keys, of the empty tables, and no others."""
        if links == self.links:
            return
        for table, name in self.conn.execute(FOREIGN_KEYS).fetchall():
            self.conn.execute(f"alter table {table} drop constraint {name}".encode())
        for link in links:
            self.conn.execute(link.sql.encode())
        self.links = links

    def pull_triggers(self, are_on: bool) -> None:
        """Have the tables' triggers on, or off: then nothing that an undo does has to be captured."""
        if are_on == self.triggers_are_on:
            return
        for table, name in (("a", "note"), ("w", "tidy")):
            self.conn.execute(
                f"alter table {table} {'enable' if are_on else 'disable'} trigger {name}".encode()
            )
        self.triggers_are_on = are_on
