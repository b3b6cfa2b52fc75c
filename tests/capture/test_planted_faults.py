"""A fault put into the engine on purpose, one at a time, is found: by the judge, or by what is said here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from capture.histories import play
from capture.tables import Database

Connection = psycopg.Connection[Any]
UNDO = "select * from unwind.compensate_run('r')"


@dataclass(frozen=True)
class Edit:
    """What is written otherwise in which function."""

    function: str
    was: str
    becomes: str

    def make(self, conn: Connection) -> None:
        """Replace the function."""
        [(text,)] = conn.execute(
            "select pg_get_functiondef(oid) from pg_proc where pronamespace::regnamespace::text"
            " in ('unwind', 'unwind_internal') and proname = %s",
            [self.function],
        ).fetchall()
        assert self.was in text, text
        conn.execute(text.replace(self.was, self.becomes).encode())


class Fault:
    """Edits that make one fault together: what is there twice has to go twice."""

    def __init__(self, *edits: Edit) -> None:
        self.edits = edits

    def plant(self, conn: Connection) -> None:
        """Make the edits, and anew all that was rendered before."""
        for edit in self.edits:
            edit.make(conn)
        conn.execute(
            "select unwind_internal.drop_kept(), unwind_internal.compile_logs();"
            "select unwind_internal.follow_table(log_name) from unwind_internal.captured_tables"
        )


JUDGED = {
    "sign": (Fault(Edit("render_images", "(2, '(-1)', new_row", "(2, '1', new_row")), 0),
    "netting": (
        Fault(Edit("render_changes", "pg_catalog.sum(r.sign) over", "pg_catalog.min(r.sign) over")),
        1,
    ),
    "netting, of images that are equal": (
        Fault(
            Edit(
                "render_changes",
                "range between current row and current row",
                "rows between current row and current row",
            )
        ),
        0,
    ),
    "key equality": (
        Fault(
            Edit(
                "render_changes",
                "format('f.c%1$s %2$s l.c%1$s', i.place",
                "format('f.c%1$s::text = l.c%1$s::text', i.place",
            )
        ),
        19,
    ),
    "tangled rows": (Fault(Edit("render_changes", "q.is_tangled or not q.is_left", "not q.is_left")), 0),
    "rows as they were left": (
        Fault(Edit("render_changes", "q.is_tangled or not q.is_left", "q.is_tangled")),
        0,
    ),
    "equality of images": (
        Fault(
            Edit(
                "render_still_left",
                "row(%s)::pg_catalog.record operator(pg_catalog.*=) row(%s)",
                "pg_catalog.to_jsonb(row(%s)) operator(pg_catalog.=) pg_catalog.to_jsonb(row(%s))",
            )
        ),
        82,
    ),
    "order": (
        Fault(
            Edit(
                "render_restore",
                "\n        and (select pg_catalog.count(*) from %8$s) operator(pg_catalog.>=) 0"
                "\n    returning %7$s",
                "\n    returning %7$s",
            ),
            Edit(
                "render_outcome",
                "(select pg_catalog.count(*) from d%1$s) as deleted",
                "(select 0 * pg_catalog.count(*) from i%1$s)"
                " + (select pg_catalog.count(*) from d%1$s) as deleted",
            ),
        ),
        4,
    ),
    "dependents": (
        Fault(
            Edit("render_dragged", "where (%6$s)\n        ) as x", "where false and (%6$s)\n        ) as x")
        ),
        0,
    ),
    "dependents, of a value that changes": (
        Fault(Edit("render_dragged", "p.action operator(pg_catalog.=) ''update'' and not", "false and not")),
        211,
    ),
    "dependents that come back": (
        Fault(
            Edit("render_dragged", "coalesce((%6$s) and c.action", "coalesce(false and (%6$s) and c.action")
        ),
        30,
    ),
    "dependents, of a run that only inserted": (
        Fault(Edit("render_taken_along", "raise sqlstate ''ZZ001''", "null")),
        0,
    ),
    "rows that have changed, of a run that only inserted": (
        Fault(Edit("render_inserted", "raise sqlstate 'ZZ001'", "null")),
        2271,
    ),
    "heir, of what was found": (
        Fault(Edit("render_hand_on", 'having sum(b."~sign") > 0', "having true")),
        12,
    ),
    "heir, the oldest": (Fault(Edit("render_hand_on", 'order by b."~run"', 'order by b."~run" desc')), 12),
    "merge, of columns": (
        Fault(Edit("render_changes", "when m.is_merged and not %s then", "when m.is_merged and %s then")),
        0,
    ),
    "merge, of a column that both changed": (
        Fault(
            Edit(
                "render_changes",
                "or row(q.t%2$s)::pg_catalog.record operator(pg_catalog.*=) row(q.f%2$s))",
                "or true)",
            )
        ),
        0,
    ),
    "sign of the undo's images": (Fault(Edit("enter_undo", "return - v_first", "return v_first")), 0),
    "the undo's images": (Fault(Edit("is_entered", "e.run::text = is_entered.run", "e.run > 0")), 0),
    "the undo's images, once it is taken back": (
        Fault(Edit("settle_images", 'where "~run" = $1\'', "where false and $1 is null'")),
        0,
    ),
    "images that are written when they are needed": (
        Fault(Edit("mirror_images", '- l."~sign"', 'l."~sign"')),
        5,
    ),
    "rows that were restored already": (
        Fault(Edit("restore_rows", "is_mirrored and v_row.done", "false and v_row.done")),
        5,
    ),
    "heir, of what is taken back": (
        Fault(Edit("take_back_images", 'set "~run" = $1', 'set "~run" = $2')),
        0,
    ),
    "heir, that is undone": (
        Fault(Edit("take_back_images", "or v_heir.status = 'COMPENSATED'", "")),
        0,
    ),
    "order, of several that are taken back": (
        Fault(Edit("undos_to_restore", "desc nulls last", "")),
        0,
    ),
    "status, in entering": (Fault(Edit("enter_run", "'{RUNNING}'", "'{RUNNING,COMPENSATED}'")), 0),
    "status, in handing on": (Fault(Edit("render_hand_on", " and r.status <> 'COMPENSATED'", "")), 87),
}
"""Each with the seed of a history that finds it; where that is another one by now, others are tried."""


@pytest.mark.parametrize("name", JUDGED)
def test_the_judge_finds(histories: Database, name: str) -> None:
    fault, seed = JUDGED[name]
    fault.plant(histories.conn)
    with pytest.raises(AssertionError):
        for each in (seed, *range(200)):
            play(histories, each)


def keeps_what_an_image_does_not_know(shop: Any) -> None:
    shop.write("r", "update orders set customer = 'x' where id = 1")
    shop.conn.execute("alter table orders add extra int default 7; update orders set extra = 8 where id = 1")
    shop.conn.execute(UNDO)
    assert shop("select customer, extra from orders where id = 1") == [("Ada", 8)]


def keeps_a_row_that_was_recorded_and_was_there(shop: Any) -> None:
    shop.conn.execute("select unwind.define_step('w', 'order', 'orders', 'id')")
    with shop.inside("r") as conn:
        conn.execute("update orders set customer = 'x' where id = 2")
        conn.execute("select unwind.record_step('r', 'order', '2')")
    shop.conn.execute(UNDO)
    assert shop("select customer from orders where id = 2") == [("Bob",)]


def shows_images_to_those_who_may_read_the_table(shop: Any) -> None:
    shop.write("r", "update orders set customer = 'x'")
    role = f"nobody_{shop.conn.info.dbname}"
    shop.conn.execute(
        f"create role \"{role}\"; select unwind_internal.grant_access('{role}', 'viewer')".encode()
    )
    try:
        with shop.conn.transaction():
            shop.conn.execute(f'set local role "{role}"'.encode())
            assert shop('select count(*) from unwind_captured."images of public.orders"') == [(0,)]
    finally:
        shop.conn.execute(f'drop owned by "{role}"; drop role "{role}"'.encode())


SAID = {
    "shape": (
        Fault(Edit("render_known", "when added = 1 then value", "when true then value")),
        keeps_what_an_image_does_not_know,
    ),
    "ownership": (
        Fault(Edit("render_found_keys", '"~net" > 0', '"~net" > 99')),
        keeps_a_row_that_was_recorded_and_was_there,
    ),
    "rights": (
        Fault(
            Edit("make_view", "has_table_privilege(unwind_internal.table_of_log(%2$L), ''SELECT'')", "true")
        ),
        shows_images_to_those_who_may_read_the_table,
    ),
}


@pytest.mark.parametrize("name", SAID)
@pytest.mark.parametrize("is_planted", [False, True])
def test_what_is_said_holds_until_a_fault_is_planted(shop: Any, name: str, is_planted: bool) -> None:
    fault, holds = SAID[name]
    if not is_planted:
        holds(shop)
        return
    fault.plant(shop.conn)
    if fault.edits[0].function == "make_view":
        shop.conn.execute(
            'drop view unwind_captured."images of public.orders";'
            "select unwind_internal.make_view(c) from unwind_internal.captured_tables as c"
            " where log_name = 'public.orders'"
        )
    with pytest.raises((AssertionError, psycopg.Error)):
        holds(shop)
