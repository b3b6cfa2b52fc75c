"""Installing over an older version leaves data and definitions, and makes the generated functions anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from pgunwind import manifest, migrate

SETUP = """
create table orders (id text primary key);
create table letters (id text primary key);
select unwind.define_workflow('checkout'), unwind.define_workflow('mail');
select unwind.define_step('checkout', 'order', 'orders', 'id');
select unwind.define_step('mail', 'send', 'letters', 'id');
select unwind.start_run('checkout', 'r');
select unwind.record_step('r', 'order', 'o');
insert into orders values ('o');
create or replace function
unwind_compiled.compensate_many_checkout(run_ids text[], only_steps text[], max_rows bigint, marking boolean)
returns void language plpgsql as $$ begin raise 'written by an older version'; end $$;
"""

Install = Callable[[str], None]


def by_manifest(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        manifest.install(connection)


@pytest.mark.parametrize("install", [by_manifest, migrate.upgrade], ids=["manifest", "alembic"])
def test_generated_functions_are_those_of_the_new_version(
    conn: psycopg.Connection[Any], dsn: str, install: Install
) -> None:
    conn.execute(SETUP)
    install(dsn)
    assert conn.execute("select table_name, rows_deleted from unwind.compensate_run('r')").fetchall() == [
        ("public.orders", 1)
    ]


def test_only_key_columns_of_roots_have_the_type_of_a_key_after_the_upgrade(
    conn: psycopg.Connection[Any],
) -> None:
    conn.execute("""
        create table hens (id int primary key, egg_code text);
        create table eggs (id varchar(5) primary key, code text unique, hen_id int);
        select unwind.define_workflow('farm');
        select unwind.define_step('farm', 'egg', 'eggs', 'id');
        select unwind.define_step('farm', 'hen', 'hens', 'id');
        select unwind.declare_foreign_key('hens', '{egg_code}', 'eggs', '{code}');
        select unwind.declare_foreign_key('eggs', '{hen_id}', 'hens', '{id}');
    """)
    types = "select table_name, columns, key_types from unwind_internal.planned_tables order by 1"
    before = conn.execute(types).fetchall()
    assert {kind for *_, kinds in before for kind in kinds} == {"integer", "character varying(5)", None}
    conn.execute("update unwind_internal.planned_tables set key_types = null")
    conn.execute(manifest.step_file("engine/steps/0002_exact.sql").text.encode())
    assert conn.execute(types).fetchall() == before


def test_a_broken_definition_does_not_keep_the_others_from_the_upgrade(
    conn: psycopg.Connection[Any], dsn: str
) -> None:
    conn.execute(SETUP)
    conn.execute("drop table letters")
    by_manifest(dsn)
    assert conn.execute("select rows_deleted from unwind.compensate_run('r')").fetchall() == [(1,)]
    assert [
        code for (code,) in conn.execute("select code from unwind.check_workflow('mail')").fetchall()
    ] == ["broken_definition"]
