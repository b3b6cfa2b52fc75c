"""Each operator makes the changes that it is named after, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from mutants import python, sql
from mutants.__main__ import claimed_equivalent
from mutants.calls import leading_to
from mutants.mutant import all_in, draw, is_program, targets
from mutants.playing import ROOT
from mutants.rooms import OTHERS, ROOMS, files_for

TESTS = ROOT / "tests"


def of_sql(operator: str, text: str) -> list[str]:
    return [change.applied(text) for change in sql.changes(text) if change.operator == operator]


def of_python(operator: str, text: str) -> list[str]:
    return [change.applied(text) for change in python.changes(text) if change.operator == operator]


@pytest.mark.parametrize(
    ("operator", "before", "after"),
    [
        ("lock weakened", "select from t for update", ["select from t for share"]),
        ("lock weakened", "select from t for key share", []),
        ("lock dropped", "select from t for no key update of t limit 1", ["select from t limit 1"]),
        (
            "lock weakened",
            "select from t order by a for update skip locked",
            ["select from t order by a for update", "select from t order by a for share skip locked"],
        ),
        ("lock dropped", "for v in select a from t loop", []),
        (
            "order reversed",
            "select a from t order by a, f(b, 1) desc nulls last limit 2",
            ["select a from t order by a desc, f(b, 1) nulls last limit 2"],
        ),
        (
            "order reversed",
            "select array_agg(a order by b) from t",
            ["select array_agg(a order by b desc) from t"],
        ),
        ("order reversed", "select string_agg(a, ' and ' order by b) from t", []),
        (
            "condition dropped",
            "select from t where a and b = 1 and (c or d) group by e",
            [
                "select from t where a and (c or d) group by e",
                "select from t where b = 1 and (c or d) group by e",
                "select from t where a and b = 1 group by e",
                "select from t where a and (c or d) group by e",
                "select from t where a and b = 1 and (c) group by e",
                "select from t where a and b = 1 and (d) group by e",
            ],
        ),
        ("condition dropped", "select from t where a between 1 and 2", []),
        (
            "condition dropped",
            "select from t where a between 1 and 2 and b",
            ["select from t where a between 1 and 2", "select from t where b"],
        ),
        (
            "condition dropped",
            "if a and b is distinct from c then",
            ["if a then", "if b is distinct from c then"],
        ),
        (
            "condition dropped",
            "select from t where a and b or c",
            [
                "select from t where a or c",
                "select from t where b or c",
                "select from t where a and b",
                "select from t where c",
            ],
        ),
        ("condition inverted", "if a and b then", ["if not (a and b) then"]),
        ("condition inverted", "select a is null", ["select a is not null"]),
        ("condition inverted", "select a is not null", ["select a is null"]),
        ("condition inverted", "select not exists (select)", ["select exists (select)"]),
        ("condition inverted", "select exists (select)", ["select not exists (select)"]),
        ("condition inverted", "create table t (a int not null)", []),
        ("default dropped", "select coalesce(a, f(b, c), 0)", ["select coalesce(a, f(b, c))"]),
        ("comparison", "select a < b, c operator(pg_catalog.=) d", None),
        ("bound by one", "for n in 1..9 loop", None),
        ("bound by one", "create function f() returns int language sql cost 1 rows 2 as $$ select $$", []),
        ("error code", "raise 'no' using errcode = 'UW007'", ["raise 'no' using errcode = 'UW008'"]),
        ("error code", "raise 'no' using errcode = 'object_in_use'", []),
        (
            "setting dropped",
            "create function f() returns int language sql set jit = off security definer as $$ select 1 $$",
            [
                "create function f() returns int language sql security definer as $$ select 1 $$",
                "create function f() returns int language sql set jit = off as $$ select 1 $$",
            ],
        ),
        ("setting dropped", "update t set a = 1", []),
        ("check dropped", "perform unwind_internal.assert_limit(max_rows);", ["null;"]),
        ("check dropped", "perform unwind_internal.mark_undone(runs);", []),
    ],
)
def test_of_sql(operator: str, before: str, after: list[str] | None) -> None:
    found = of_sql(operator, before)
    if after is None:
        assert len(found) == len(set(found)) == 2 and before not in found
    else:
        assert found == after


def test_literals_are_changed_where_they_are_sql_to_be_rendered() -> None:
    source = "select format('perform from %I as t where %s order by t.ctid for update of t;', a, b)"
    assert not list(sql.changes(source))
    changed = [change.applied(source) for change in sql.changes(source, renders=True)]
    assert changed == [
        source.replace(" for update of t", ""),
        source.replace("for update", "for share"),
        source.replace("t.ctid for", "t.ctid desc for"),
    ]


@pytest.mark.parametrize(
    ("operator", "before", "after"),
    [
        ("comparison", "é = a < (b)", ["é = a <= (b)"]),
        ("comparison", "x = (a) is not None", ["x = (a) is None"]),
        ("condition dropped", "x = a and b and c", ["x = b and c", "x = a and c", "x = a and b"]),
        ("condition dropped", "x = given or {}", ["x = {}", "x = given"]),
        ("condition inverted", "if a():\n    pass", ["if (not (a())):\n    pass"]),
        ("condition inverted", "if not a:\n    pass", ["if a:\n    pass"]),
        ("bound by one", "x = [1, True, 'a']", ["x = [2, True, 'a']"]),
        ("setting changed", "def f(a=True): g(b=False)", None),
        ("tried once", "for n in range(attempts): pass", ["for n in range(1): pass"]),
        (
            "error dropped",
            "x = isinstance(e, (A, B))",
            ["x = isinstance(e, (B,))", "x = isinstance(e, (A,))"],
        ),
        ("call dropped", "async def f():\n    await g()", ["async def f():\n    pass"]),
        ("call dropped", "x = g()", []),
    ],
)
def test_of_python(operator: str, before: str, after: list[str] | None) -> None:
    found = of_python(operator, before)
    if after is None:
        assert len(found) == len(set(found)) == 2 and before not in found
    else:
        assert found == after


def test_every_source_is_a_program_as_it_is() -> None:
    for path in targets(ROOT):
        assert (python if path.suffix == ".py" else sql).is_program(path.read_text()), path


def test_what_is_drawn_is_a_program_and_the_same_again() -> None:
    drawn = draw(ROOT, 3, 20, "runtime/c")
    assert drawn == draw(ROOT, 3, 20, "runtime/c")
    assert len(drawn) == 20
    for mutant in drawn:
        assert is_program(mutant) and mutant.text != mutant.source
        assert mutant.before != mutant.after


def test_every_room_has_tests_that_are_there() -> None:
    for room in {path.parent.name for path in targets(ROOT) if path.suffix == ".sql"} - {"engine"}:
        assert room in ROOMS
    for names in (*ROOMS.values(), OTHERS):
        for name in names.split():
            assert (TESTS / name).exists(), name
    first = [path.name for path in files_for(TESTS, "sql/engine/runtime/find_holders.sql")[:6]]
    assert "test_find_holders.py" in first


def test_who_leads_to_a_function_is_told_with_the_number_of_calls_between() -> None:
    leading = leading_to(ROOT / "sql" / "engine", "find_holders_of")
    assert leading["find_holders_of"] == 0 and leading["find_holders"] == leading["stuck_runs"] == 1
    assert "check_workflow" not in leading, "a hint that names it is no call"
    assert "render_one" in leading_to(ROOT / "sql" / "engine", "open_books"), "what is rendered is called"


def test_what_is_claimed_to_be_equivalent_is_a_mutant() -> None:
    for file, before, after in claimed_equivalent():
        made = {(mutant.before, mutant.after) for mutant in all_in(ROOT, Path(ROOT / file))}
        assert (before, after) in made, f"{file}: {before}"
