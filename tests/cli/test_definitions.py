"""check, orphans, suggest, graph: what a workflow is, and whether it would do."""

from __future__ import annotations

import stat
from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pgunwind.cli import _views

graph = import_module("pgunwind.cli.graph")

Run = Callable[..., Any]


def test_check_finds_nothing_where_there_is_nothing(shop: Any, pgunwind: Run) -> None:
    said = pgunwind("check")
    assert said.status == 0
    assert said.output.endswith("1 workflow, 0 errors, 0 other findings\n")


def test_check_ends_with_1_where_there_are_errors_and_prints_what_mends_them(
    shop: Any, pgunwind: Run
) -> None:
    shop.conn.execute("drop index lines_order_id_idx; alter table notes rename order_id to of_order")
    for words in ([], ["shop"]):
        said = pgunwind("check", *words)
        assert said.status == 1
        assert "error: broken_definition of public.notes, workflow shop" in said.output
        assert "pgunwind check shop --fix" in said.output
    for status, code in ((1, "broken_definition"), (0, "missing_index")):
        assert code in pgunwind("check").output
        fixes = pgunwind("check", "--fix")
        assert fixes.status == status
        shop.conn.execute(fixes.output.encode())
    assert pgunwind("check", "--fix").output == ""


def test_check_as_json_has_a_list_for_each_workflow(shop: Any, pgunwind: Run) -> None:
    shop.conn.execute("drop index lines_order_id_idx")
    found = pgunwind("check", "--json")
    assert found.status == 0, "a warning is no error"
    assert [finding["code"] for finding in found.json["shop"]] == ["missing_index"]


def test_check_of_a_workflow_that_there_is_not(shop: Any, pgunwind: Run) -> None:
    said = pgunwind("check", "ship")
    assert said.status == 1 and "workflow 'ship' is not defined [UW008]" in said.errors


def test_orphans_are_counted_with_some_of_their_keys(shop: Any, pgunwind: Run) -> None:
    assert pgunwind("orphans").output == "No orphans.\n"
    shop.conn.execute("insert into notes values ('gone', 'x'), ('gone too', 'y')")
    said = pgunwind("orphans", "shop")
    assert said.status == 1
    assert "public.notes (order_id)" in said.output and "gone" in said.output
    assert [(one["orphans"], one["child_table"]) for one in pgunwind("orphans", "--json").json] == [
        (2, "public.notes")
    ]


def test_suggest_prints_a_script_that_runs(shop: Any, pgunwind: Run) -> None:
    said = pgunwind("suggest", "orders", "id")
    assert said.status == 0
    shop.conn.execute(said.output.encode())
    assert shop("select from unwind.workflows where workflow = 'orders'")


def test_suggest_for_no_table_is_one_line(shop: Any, pgunwind: Run) -> None:
    said = pgunwind("suggest", "order")
    assert (said.status, said.output) == (1, "")
    assert said.errors.startswith('Error: relation "order" does not exist [42P01]')


@pytest.mark.parametrize(
    ("form", "begins"), [([], "workflow shop"), (["--mermaid"], "flowchart"), (["--dot"], "digraph")]
)
def test_graph_draws_the_workflow(shop: Any, pgunwind: Run, form: list[str], begins: str) -> None:
    said = pgunwind("graph", "shop", *form)
    assert said.status == 0
    assert said.output.startswith(begins) and "public.lines" in said.output


def test_graph_is_a_tree_of_each_steps_tables_in_which_no_table_is_opened_twice(
    shop: Any, pgunwind: Run
) -> None:
    shop.conn.execute("""
        create table parts (id int primary key, order_id text, part_of int);
        create table tags (part_id int, order_id text);
        create index on parts (order_id); create index on parts (part_of);
        create index on tags (part_id); create index on tags (order_id);
        select unwind.declare_foreign_key('parts', '{order_id}', 'orders', '{id}', 'cascade');
        select unwind.declare_foreign_key('parts', '{part_of}', 'parts', '{id}', 'cascade');
        select unwind.declare_foreign_key('tags', '{part_id}', 'parts', '{id}', 'cascade');
        select unwind.declare_foreign_key('tags', '{order_id}', 'orders', '{id}', 'set null');
    """)
    assert pgunwind("graph", "shop").output.splitlines() == [
        "workflow shop",
        "  From a basket to an order.",
        "step 1. order",
        "  public.orders (id)",
        "  |- public.lines (order_id): cascade",
        "  |- public.notes (order_id): restrict",
        "  |- public.parts (order_id): cascade",
        "  |  |- public.parts (part_of): cascade, as above",
        "  |  `- public.tags (part_id): cascade",
        "  `- public.tags (order_id): set null, as above",
    ]
    drawn = pgunwind("graph", "shop", "--json").json
    assert {"child": "public.notes", "parent": "public.orders", "columns": "order_id",
            "on_delete": "restrict"} in drawn["links"]  # fmt: skip


def test_graph_of_a_long_chain_is_a_tree_too() -> None:
    names = [f"t{number}" for number in range(3000)]
    links = [_views.Link(child, parent, "p", "cascade") for parent, child in pairwise(names)]
    tables = [_views.Table("s", 1, name, ("id",) if name == "t0" else None) for name in names]
    assert len(list(graph._trees(tables, links))) == 3000


def test_graph_as_svg_is_drawn_by_graphviz(shop: Any, pgunwind: Run, tmp_path: Path) -> None:
    dot = tmp_path / "dot"
    dot.write_text('#!/bin/sh\necho "<svg $1>"; cat\n')
    dot.chmod(dot.stat().st_mode | stat.S_IEXEC)
    said = pgunwind("graph", "shop", "--svg", PATH=f"{tmp_path}:/usr/bin:/bin")
    assert said.output.startswith("<svg -Tsvg>\ndigraph")


def test_graph_as_svg_without_graphviz_says_so(shop: Any, pgunwind: Run, tmp_path: Path) -> None:
    said = pgunwind("graph", "shop", "--svg", PATH=str(tmp_path))
    assert (said.status, said.output) == (1, "")
    assert "Graphviz is missing" in said.errors
