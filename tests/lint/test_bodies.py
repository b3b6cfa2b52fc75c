"""The linter of function bodies finds what it is for, on the line on which it stands."""

from __future__ import annotations

import pytest

from lint.bodies import bodies, check_sql, check_text

FUNCTION = """\
-- A Function.
create or replace function f()
returns int
language {language}
set search_path = ''
as $$
{body}
$$;
"""


def findings(language: str, body: str) -> list[tuple[int, str]]:
    found = list(bodies("f.sql", FUNCTION.format(language=language, body=body)))
    faults = [fault for one in found for fault in check_text(one)]
    faults += check_sql([one for one in found if one.language == "sql"])
    return [(fault.line, fault.what) for fault in faults]


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("begin\n    return 1;  \nend", "space at the end"),
        ("begin\n\treturn 1;\nend", "tab"),
        (f"begin\n    return 1; -- {'x' * 110}\nend", "line of 127 characters"),
        ("begin\n    RETURN 1;\nend", "RETURN is not in lower case"),
    ],
)
def test_every_body_is_looked_at_line_by_line(body: str, what: str) -> None:
    assert findings("plpgsql", body) == [(8, what)]


def test_what_is_no_code_is_written_as_it_likes() -> None:
    body = """begin
    -- Why.
    raise 'No %', E'\\n' using hint = $h$SELECT 1$h$;
    return "Odd";
end"""
    assert findings("plpgsql", body) == []


def test_a_body_in_sql_goes_to_sqlfluff() -> None:
    [(line, what)] = findings("sql", "    select a\n    from b\n    where a != 1")
    assert line == 9
    assert what.startswith("CV01")
    assert findings("sql", "    select b.a\n    from s.b\n    where f.x operator(pg_catalog.=) b.a") == []


def test_the_blocks_of_a_psql_script_are_bodies_too() -> None:
    found = bodies("s.sql", "\\if x\n    do $$ begin raise 'no'; end $$;\n\\endif\n")
    assert [(block.first_line, block.language) for block in found] == [(2, "plpgsql")]
