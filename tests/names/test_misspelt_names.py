"""Whoever misspells a name is asked whether the nearest one is meant, and is told of no all-clear."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pgunwind import NotDefined, Unwind
from templates import holding

SHOP = """
create table orders (id text primary key, customer text);
create table lines (id int primary key, order_id text);
select unwind.define_workflow('checkout'), unwind.define_step('checkout', 'order', 'orders', 'id');
select unwind.define_workflow('returns'), unwind.define_step('checkout', 'payment', 'lines', 'id');
select unwind.start_run('checkout', 'r');
"""
MISSPELT = {
    "select unwind.start_run('chekout')": "checkout",
    "select unwind.start_run('Checkout')": "checkout",
    "select unwind.start_run('chcekout')": "checkout",
    "select unwind.start_run('return')": "returns",
    "select unwind.describe_workflow('chekout')": "checkout",
    "select unwind.describe_workflow('checkout', 'mermiad')": "mermaid",
    "select * from unwind.check_workflow('chekout')": "checkout",
    "select * from unwind.find_orphans('chekout')": "checkout",
    "select unwind.compile_workflow('chekout')": "checkout",
    "select unwind.drop_workflow('chekout')": "checkout",
    "select unwind.define_step('chekout', 's', 'orders', 'id')": "checkout",
    "select unwind.purge_runs('1 day', 'chekout')": "checkout",
    "call unwind.recover_runs('chekout')": "checkout",
    "select unwind.record_step('r', 'ordre', 'o')": "order",
    "select unwind.record_if_new('r', 'paymnet', '1')": "payment",
    "select * from unwind.compensate_step('r', 'oder')": "order",
    "select * from unwind.rewind_run('r', 'orders')": "order",
    "select unwind.define_step('checkout', 's', 'orders', 'di')": "id",
    "select unwind.define_step('checkout', 's', 'orders', 'costumer')": "customer",
    "select unwind.declare_foreign_key('lines', '{oder_id}', 'orders', '{id}')": "order_id",
    "select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'casade')": "cascade",
    "select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'setnull')": "set null",
}
NOTHING_LIKE_IT = [
    "select unwind.start_run('delivery')",
    "select unwind.start_run('')",
    "select unwind.start_run(null)",
    "select unwind.start_run(repeat('checkout', 100))",
    "select unwind.record_step('r', 'parcel', 'o')",
    "select unwind.define_step('checkout', 's', 'orders', 'number')",
]
shop_template = holding(SHOP)


@pytest.fixture
def shop(shop_template: Any, conn: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    return conn


def hint_of(shop: psycopg.Connection[Any], call: str) -> str:
    with pytest.raises(psycopg.DatabaseError) as refused:
        shop.execute(call.encode())
    return refused.value.diag.message_hint or ""


def test_the_hint_asks_for_the_nearest(shop: psycopg.Connection[Any]) -> None:
    asked = {call: hint_of(shop, call) for call in MISSPELT}
    assert {call: hint for call, hint in asked.items() if f"did you mean {MISSPELT[call]}?" not in hint} == {}


def test_it_asks_for_nothing_where_nothing_is_near(shop: psycopg.Connection[Any]) -> None:
    assert [call for call in NOTHING_LIKE_IT if "did you mean" in hint_of(shop, call)] == []


@pytest.mark.parametrize("script", ["failed_runs", "undo_failed_runs", "undo_incident", "recover", "orphans"])
def test_a_script_gives_no_all_clear(
    shop: psycopg.Connection[Any], dsn: str, pg_bin: Path, script: str
) -> None:
    path = Path(__file__).parents[2] / "sql" / "dba" / f"{script}.sql"
    done = subprocess.run(
        [
            pg_bin / "psql",
            "-X",
            "-d",
            dsn,
            "-v",
            "workflow=chekout",
            "-v",
            "since=yesterday",
            "-v",
            "until=now",
            "-f",
            path,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "did you mean checkout?" in done.stderr
    assert "(0 rows)" not in done.stdout


def test_the_client_passes_it_on(shop: psycopg.Connection[Any]) -> None:
    with pytest.raises(NotDefined) as refused:
        Unwind(shop).recover_runs("chekout")
    assert "did you mean checkout?" in str(refused.value)
