"""A page of evidence says what its document says, and nothing in it gets out of its place."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import psycopg
import pytest
from psycopg import sql

from pgunwind import Unwind, evidence
from pgunwind.evidence.graph import drawn
from pgunwind.evidence.story import shown

from .conftest import RUN

Connection = psycopg.Connection[Any]

HOSTILE = "<script>alert(1)</script>\"'&</svg></title>--><!--{{7*7}}\u202eevil\n`|\x1b[31m"
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "a", "header", "p", "h1", "bdi", "time", "main"),
    *(
        "section",
        "h2",
        "h3",
        "dl",
        "div",
        "dt",
        "dd",
        "small",
        "ul",
        "li",
        "svg",
        "path",
        "g",
        "rect",
        "text",
    ),
    *("table", "caption", "thead", "tr", "th", "tbody", "td", "details", "summary", "code", "ol", "span"),
    *("footer", "script"),
}


class Page(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.declarations: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep it."""
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        """There is none."""
        raise AssertionError(data)


@pytest.fixture
def hostile(shop: Connection) -> Connection:
    """A run whose every name and value is hostile, undone."""
    parent, child = (sql.Identifier(f"{letter}{HOSTILE[:40]}").as_string(shop) for letter in "pc")
    shop.execute(f"create table {parent} (id text primary key)".encode())
    shop.execute(f"create table {child} (id int primary key, up text references {parent})".encode())
    shop.execute(f"create index on {child} (up)".encode())
    shop.execute("select unwind.define_workflow(%s, %s)", [HOSTILE, HOSTILE])
    shop.execute("select unwind.define_step(%s, %s, %s::regclass, 'id')", [HOSTILE, HOSTILE, parent])
    shop.execute(
        "select unwind.declare_foreign_key(%s::regclass, '{up}', %s::regclass, '{id}')", [child, parent]
    )
    shop.execute(
        "select unwind.start_run(%s, %s, %s, %s)",
        [HOSTILE, HOSTILE, HOSTILE, psycopg.types.json.Jsonb({HOSTILE: HOSTILE})],
    )
    shop.execute("select unwind.record_step(%s, %s, %s)", [HOSTILE, HOSTILE, HOSTILE])
    shop.execute(f"insert into {parent} values (%s)".encode(), [HOSTILE])
    shop.execute("select unwind.fail_run(%s, %s)", [HOSTILE, HOSTILE])
    shop.execute("select unwind.compensate_run(%s)", [HOSTILE])
    return shop


@pytest.fixture
def hostile_role(shop: Connection) -> Iterator[sql.Identifier]:
    """An operator with such a name, as whom the session acts."""
    role = sql.Identifier(f"{uuid.uuid4().hex[:8]}{HOSTILE}"[:60])
    shop.execute(sql.SQL("create role {}").format(role))
    shop.execute("select unwind_internal.grant_access(%s, 'operator')", [role._obj[0]])
    yield role
    shop.execute("reset role")
    shop.execute(sql.SQL("drop owned by {0} cascade; drop role {0}").format(role))


@pytest.fixture
def hostile_restored(shop: Connection, hostile_role: sql.Identifier) -> Connection:
    """A run by such a role, one key released, its changes of such a captured table undone and restored."""
    table, column = (sql.Identifier(f"{letter}{HOSTILE[:40]}") for letter in "tc")
    for statement in (
        "create table {table} (id text primary key, {column} text)",
        "insert into {table} values ('there', 'x'), ('gone', 'x')",
        "select unwind.define_workflow({name}, {name})",
        "select unwind.define_step({name}, {name}, {quoted}::regclass, 'id')",
        "select unwind.capture_table({quoted}::regclass)",
        "grant all on {table} to {role}",
        "set role {role}",
        "select unwind.start_run({name}, {name}, {name})",
        "begin",
        "select unwind.enter_run({name})",
        "update {table} set {column} = {name} where id = 'there'",
        "delete from {table} where id = 'gone'",
        "select unwind.record_step({name}, {name}, {name}), unwind.record_step({name}, {name}, 'kept')",
        "insert into {table} values ({name}), ('kept')",
        "commit",
        "select unwind.release_entity({name}, {name}, 'kept')",
        "select unwind.fail_run({name}, {name})",
        "select unwind.compensate_run({name})",
        "select unwind.restore_run({name})",
        "reset role",
    ):
        shop.execute(
            sql.SQL(statement).format(
                table=table, column=column, role=hostile_role, name=HOSTILE, quoted=table.as_string(shop)
            )
        )
    return shop


@pytest.mark.parametrize("made", ["hostile", "hostile_restored"])
def test_nothing_hostile_gets_out_of_its_place(made: str, request: pytest.FixtureRequest) -> None:
    conn = request.getfixturevalue(made)
    text = evidence.write(Unwind(conn).describe_runs([HOSTILE]))
    page = Page(text)
    assert evidence.check(text, Unwind(conn)) == ()
    assert {tag for tag, _ in page.tags} <= TAGS
    for tag, attributes in page.tags:
        assert not any(name.startswith("on") or name in ("src", "srcdoc") for name in attributes), tag
        assert attributes.get("href", "#main") == "#main"
    assert [attributes["type"] for tag, attributes in page.tags if tag == "script"] == ["application/gzip"]
    assert sum(tag == "svg" for tag, _ in page.tags) == 1
    # As text it is there, whole, with what would be invisible made visible.
    assert shown(HOSTILE) in page.texts
    assert not {"\u202e", "\x1b"} & set(text)


def test_a_page_may_load_and_run_nothing(unwind: Unwind) -> None:
    policy = [
        a["content"] for tag, a in Page(evidence.write(unwind.describe_runs(["r1"]))).tags if "content" in a
    ]
    assert "default-src 'none'; style-src 'unsafe-inline'" in policy


@pytest.mark.parametrize("made", ["hostile", "hostile_restored"])
def test_hostile_cells_stay_in_their_columns_in_markdown(made: str, request: pytest.FixtureRequest) -> None:
    text = evidence.write(Unwind(request.getfixturevalue(made)).describe_runs([HOSTILE]), "markdown")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    for line in rows:
        bars = sum(1 for i, c in enumerate(line) if c == "|" and line[i - 1] != "\\")
        assert bars in (3, 6, 9), line
    assert "\u202e" not in text


def test_the_same_document_gives_the_same_page(unwind: Unwind) -> None:
    document = unwind.describe_runs(["r1"])
    again = json.loads(json.dumps(document))
    for form in evidence.FORMATS:
        assert evidence.write(document, form) == evidence.write(again, form)


def test_a_page_says_what_was_deleted_what_is_left_and_what_was_not_touched(unwind: Unwind) -> None:
    texts = Page(evidence.write(unwind.describe_runs(["r1"]))).texts
    words = " ".join(text.strip() for text in texts if text.strip())
    assert "Rows deleted 3 Rows left 0 Orphans 0 Rows of others, untouched 4" in words
    assert "postgres started postgres undid" in words
    assert "undone: 3 rows of 2 tables deleted by postgres" in words
    assert "2 deleted 3 untouched" in words
    assert unwind.describe_runs(["r1"])["runs"][0]["sha256"] in words


def test_what_is_left_or_was_not_counted_stands_out(unwind: Unwind, shop: Connection) -> None:
    shop.execute("insert into orders values ('r1''s')")
    page = evidence.write(unwind.describe_runs(["r1"]))
    assert '<div class="bad"><dt>Rows left</dt><dd>1</dd></div>' in page
    assert "1 LEFT" in page
    assert "Not proved: nothing was counted." in evidence.write(unwind.describe_runs(["r1"], False))


def test_rows_of_a_good_run_are_not_said_to_be_left(unwind: Unwind, shop: Connection) -> None:
    shop.execute(RUN.format(run="r2").replace("select unwind.fail_run('r2', 'out of stock')", "").encode())
    shop.execute("select unwind.complete_run('r2')")
    page = evidence.write(unwind.describe_runs(["r1", "r2"]))
    assert "<dt>Rows of the runs</dt><dd>3</dd>" in page and "Rows left" not in page
    assert "1 kept" in page and "LEFT" not in page and 'class="n bad"' not in page
    assert "| rows of the runs | 3 |" in evidence.write(unwind.describe_runs(["r1", "r2"]), "markdown")


def test_every_table_of_numbers_has_a_caption_and_headings(unwind: Unwind) -> None:
    page = Page(evidence.write(unwind.describe_runs(["r1"])))
    tables = sum(tag == "table" for tag, _ in page.tags)
    assert tables == sum(tag == "caption" for tag, _ in page.tags) == 2
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")
    assert all("aria-label" in attributes for tag, attributes in page.tags if tag == "svg")


def test_two_thousand_runs_stay_below_two_megabytes(unwind: Unwind) -> None:
    document = unwind.describe_runs(["r1"])
    (run,) = document["runs"]
    document["runs"] = [copy.deepcopy(run) for _ in range(2000)]
    for run in document["runs"]:
        run["record"]["run"]["id"], run["sha256"] = str(uuid.uuid4()), uuid.uuid4().hex * 2
        run["record"]["receipts"] *= 5
        run["record"]["ledger"] = [{**run["record"]["ledger"][0], "entity_key": [str(uuid.uuid4())]}] * 5
    page = evidence.write(document)
    assert len(page.encode()) < 2_000_000
    assert document["runs"][-1]["record"]["run"]["id"] in page
    tables = [attributes for _, attributes in Page(page).tags if attributes.get("class") == "wide hundred"]
    assert [table["aria-label"] for table in (tables[0], tables[-1])] == [
        "Runs 1 to 100 of 2,000",
        "Runs 1,901 to 2,000 of 2,000",
    ], "which are laid out when they are looked at"


def test_an_unknown_format_is_named(unwind: Unwind) -> None:
    with pytest.raises(ValueError, match="no format 'pdf': there are html, markdown, json"):
        evidence.write(unwind.describe_runs(["r1"]), "pdf")


# The graph ---------------------------------------------------------------------------------------


def _columns(links: list[tuple[str, str]]) -> dict[str, int]:
    names = sorted({name for link in links for name in link})
    graph = drawn([(name, 0, 0, 0) for name in names], links)
    assert len({(node.x, node.y) for node in graph.nodes}) == len(names)
    assert all(0 <= n.x <= graph.width - n.width and 0 <= n.y <= graph.height - n.height for n in graph.nodes)
    return {node.name: node.x for node in graph.nodes}


def test_children_stand_to_the_right_of_all_their_parents() -> None:
    at = _columns([("b", "a"), ("c", "b"), ("c", "a"), ("d", "c"), ("d", "a"), ("x", "x")])
    assert at["a"] < at["b"] < at["c"] < at["d"]
    assert at["x"] == at["a"]


def test_a_cycle_is_drawn() -> None:
    at = _columns([("b", "a"), ("a", "b"), ("c", "b")])
    assert at["b"] < at["c"]


def test_a_chain_of_a_thousand_tables_is_drawn() -> None:
    at = _columns([(f"t{n + 1:04}", f"t{n:04}") for n in range(1000)])
    assert at["t0000"] < at["t1000"]
