"""Runs of the reference workflow, written by SQL: many behind, and fresh ones to undo.

Run number n has brief b<n>, strategy s<n>, draft d<n>, verdict q<n>, package p<n>, and is called r<n>.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import psycopg
from psycopg import sql

from pgunwind import manifest
from pgunwind.examples.client_to_delivery import install

TABLES_OF_THE_APPLICATION: Final = "client_to_delivery"
TABLES_WITH_REAL_KEYS: Final = "with_real_keys"
SCHEMAS: Final = (TABLES_OF_THE_APPLICATION, TABLES_WITH_REAL_KEYS)

BUNDLES: Final = 3
ASSETS_PER_BUNDLE: Final = 2
ISSUES: Final = 3
ARTIFACTS: Final = 4
ROWS_PER_TABLE: Final = {
    "onboarding_brief": 1,
    "onboarding_intake": 1,
    "strategy_document": 1,
    "production_drafts": 1,
    "production_bundles": BUNDLES,
    "production_bundle_assets": BUNDLES * ASSETS_PER_BUNDLE,
    "qc_results": 1,
    "qc_issues": ISSUES,
    "delivery_packages": 1,
    "delivery_artifacts": ARTIFACTS,
}
"""Parents before children."""
ROWS_PER_RUN: Final = sum(ROWS_PER_TABLE.values())
LINKS: Final = (
    ("onboarding_intake", "brief_id", "onboarding_brief", "id"),
    ("strategy_document", "brief_id", "onboarding_brief", "id"),
    ("production_drafts", "strategy_id", "strategy_document", "id"),
    ("production_bundles", "draft_id", "production_drafts", "draft_id"),
    ("production_bundle_assets", "bundle_id", "production_bundles", "bundle_id"),
    ("qc_results", "draft_id", "production_drafts", "draft_id"),
    ("qc_issues", "result_id", "qc_results", "id"),
    ("delivery_packages", "draft_id", "production_drafts", "draft_id"),
    ("delivery_artifacts", "package_id", "delivery_packages", "package_id"),
)

_CHUNK: Final = 50_000

ROWS: Final = f"""
insert into onboarding_brief (id, client_id, deliverables, objectives)
select 'b' || g, 'client', '["post", "video"]', '{{"goal": "reach"}}' from runs;
insert into onboarding_intake (id, client_id, brief_id, responses)
select 'i' || g, 'client', 'b' || g, '{{"question": "answer"}}' from runs;
insert into strategy_document (id, brief_id, version, kpis, executive_summary)
select 's' || g, 'b' || g, 1, '["reach"]', repeat('summary ', 10) from runs;
insert into production_drafts (draft_id, strategy_id, content_type, body)
select 'd' || g, 's' || g, 'post', repeat('body ', 40) from runs;
insert into production_bundles (bundle_id, draft_id)
select 'u' || g || '-' || k, 'd' || g from runs, generate_series(1, {BUNDLES}) as k;
insert into production_bundle_assets (asset_id, bundle_id, asset_type, url)
select 'a' || g || '-' || k || '-' || j, 'u' || g || '-' || k, 'image', 'https://example.org/' || g
from runs, generate_series(1, {BUNDLES}) as k, generate_series(1, {ASSETS_PER_BUNDLE}) as j;
insert into qc_results (id, draft_id, passed, score)
select 'q' || g, 'd' || g, true, 0.9 from runs;
insert into qc_issues (id, result_id, severity, section, reason)
select g * 10 + k, 'q' || g, 'low', 'introduction', 'tone' from runs, generate_series(1, {ISSUES}) as k;
insert into delivery_packages (package_id, draft_id)
select 'p' || g, 'd' || g from runs;
insert into delivery_artifacts (package_id, name, url, format, position)
select 'p' || g, 'file', 'https://example.org/' || g, 'pdf', k
from runs, generate_series(1, {ARTIFACTS}) as k;
"""

_MORE_ROWS: Final = """
insert into production_bundles (bundle_id, draft_id)
select 'u{run}+' || k, 'd{run}' from generate_series(1, {bundles}) as k;
insert into production_bundle_assets (asset_id, bundle_id, asset_type, url)
select 'a{run}+' || k || '-' || j, 'u{run}+' || k, 'image', 'https://example.org/{run}'
from generate_series(1, {bundles}) as k, generate_series(1, {assets}) as j;
"""

_LEDGER: Final = """
insert into unwind.workflow_runs (id, workflow, business_key, started_by)
select 'r' || g, 'client_to_delivery', 'b' || g, session_user from runs;
insert into unwind_internal.ledger (run_id, step, entity_key)
select 'r' || g, s.step, array[s.prefix || g]
from runs,
    (values ('brief', 'b'), ('strategy', 's'), ('draft', 'd'), ('qc', 'q'), ('package', 'p'))
    as s (step, prefix);
insert into unwind.entity_owners (root_table, key_columns, entity_key, run_id)
select t.root_table, t.key_columns, l.entity_key, l.run_id
from runs
inner join unwind_internal.ledger as l on l.run_id = 'r' || g
inner join unwind.step_roots as t on t.workflow = 'client_to_delivery' and t.step = l.step;
"""

_FLOOR: Final = """
create function client_to_delivery.floor(b varchar, s varchar, d varchar, q varchar, p varchar) returns void
language plpgsql set search_path = client_to_delivery as $$
begin
    delete from delivery_artifacts where package_id = p;
    delete from delivery_packages where package_id = p;
    delete from qc_issues where result_id = q;
    delete from qc_results where id = q;
    delete from production_bundle_assets
    where bundle_id in (select bundle_id from production_bundles where draft_id = d);
    delete from production_bundles where draft_id = d;
    delete from production_drafts where draft_id = d;
    delete from strategy_document where id = s;
    delete from onboarding_intake where brief_id = b;
    delete from onboarding_brief where id = b;
end
$$;
-- What the rules cost, by hand for this workflow alone: whose run it is, fence, ledger, dependents, receipt,
-- status. The lock is taken with the owner's rights, for nobody writes the books; so would be what the last
-- two statements do.
create function client_to_delivery.hold_by_hand(run text) returns unwind.workflow_runs
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
    v_run unwind.workflow_runs;
begin
    select r.* into v_run from unwind.workflow_runs as r
    where r.id = run and (r.started_by = session_user or pg_has_role(session_user, r.started_by, 'MEMBER'))
    for update;
    if not found then
        raise 'no run of the caller''s';
    end if;
    return v_run;
end
$$;
create function client_to_delivery.by_hand(run text)
returns table (step text, table_name text, rows_deleted bigint)
language plpgsql set search_path = client_to_delivery set plan_cache_mode = force_generic_plan
set enable_seqscan = off set jit = off as $$
declare
    v_run unwind.workflow_runs;
    b varchar;
    s varchar;
    d varchar;
    q varchar;
    p varchar;
    n1 bigint;
    n2 bigint;
    n3 bigint;
    n4 bigint;
    n5 bigint;
    n6 bigint;
    n7 bigint;
    n8 bigint;
    n9 bigint;
    n10 bigint;
    v_counts bigint [];
    v_steps text [] := '{package,package,qc,qc,draft,draft,draft,strategy,brief,brief}';
    v_tables text [] := '{delivery_artifacts,delivery_packages,qc_issues,qc_results,production_bundle_assets,'
        'production_bundles,production_drafts,strategy_document,onboarding_intake,onboarding_brief}';
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise 'isolation';
    end if;
    v_run := client_to_delivery.hold_by_hand(run);
    if v_run.status <> 'RUNNING' or v_run.claimed_by is not null then
        raise 'not to be undone';
    end if;
    select
        min(l.entity_key[1]) filter (where l.step = 'brief'),
        min(l.entity_key[1]) filter (where l.step = 'strategy'),
        min(l.entity_key[1]) filter (where l.step = 'draft'),
        min(l.entity_key[1]) filter (where l.step = 'qc'),
        min(l.entity_key[1]) filter (where l.step = 'package')
    into b, s, d, q, p
    from unwind_internal.ledger as l
    where l.run_id = run and l.compensated_at is null and l.released_at is null;
    delete from delivery_artifacts where package_id = p;
    get diagnostics n1 = row_count;
    delete from delivery_packages where package_id = p;
    get diagnostics n2 = row_count;
    perform from qc_results where id = q for update;
    delete from qc_issues where result_id = q;
    get diagnostics n3 = row_count;
    delete from qc_results where id = q;
    get diagnostics n4 = row_count;
    delete from production_bundle_assets
    where bundle_id in (select bundle_id from production_bundles where draft_id = d);
    get diagnostics n5 = row_count;
    delete from production_bundles where draft_id = d;
    get diagnostics n6 = row_count;
    delete from production_drafts where draft_id = d;
    get diagnostics n7 = row_count;
    delete from strategy_document where id = s;
    get diagnostics n8 = row_count;
    delete from onboarding_intake where brief_id = b;
    get diagnostics n9 = row_count;
    delete from onboarding_brief where id = b;
    get diagnostics n10 = row_count;
    if exists (select from delivery_packages where draft_id = d)
        or exists (select from qc_results where draft_id = d)
        or exists (select from production_drafts where strategy_id = s)
        or exists (select from strategy_document where brief_id = b)
    then
        raise 'dependents';
    end if;
    v_counts := array[n1, n2, n3, n4, n5, n6, n7, n8, n9, n10];
    insert into unwind_internal.receipts (run_id, steps, tables, counts, compensated_by, login)
    values (run, v_steps, v_tables, v_counts, current_user, session_user);
    update unwind.workflow_runs as r
    set status = 'COMPENSATED', updated_at = now(),
        claimed_by = null, claimed_at = null, lease_expires_at = null, retry_at = null
    where r.id = run;
    return query select u.s, u.t, u.c from unnest(v_steps, v_tables, v_counts) as u (s, t, c) where u.c > 0;
end
$$;
-- The floor with all keys of many runs at once.
create function client_to_delivery.floor_of_many(
    b varchar [], s varchar [], d varchar [], q varchar [], p varchar []
) returns void
language plpgsql set search_path = client_to_delivery set enable_seqscan = off set jit = off as $$
begin
    delete from delivery_artifacts where package_id = any(p);
    delete from delivery_packages where package_id = any(p);
    delete from qc_issues where result_id = any(q);
    delete from qc_results where id = any(q);
    delete from production_bundle_assets
    where bundle_id in (select bundle_id from production_bundles where draft_id = any(d));
    delete from production_bundles where draft_id = any(d);
    delete from production_drafts where draft_id = any(d);
    delete from strategy_document where id = any(s);
    delete from onboarding_intake where brief_id = any(b);
    delete from onboarding_brief where id = any(b);
end
$$;
"""


def prepare(conn: psycopg.Connection[Any]) -> None:
    """Install pgunwind, the application's tables, the same with real foreign keys, and the floors."""
    manifest.install(conn)
    install(conn)
    # The one index that check_workflow asks for.
    conn.execute("create index on client_to_delivery.onboarding_intake (brief_id)")
    conn.execute(f"create schema {TABLES_WITH_REAL_KEYS}")
    for table in ROWS_PER_TABLE:
        conn.execute(
            f"create table {TABLES_WITH_REAL_KEYS}.{table} "
            f"(like {TABLES_OF_THE_APPLICATION}.{table} including all)"
        )
    for child, column, parent, key in LINKS:
        conn.execute(
            f"alter table {TABLES_WITH_REAL_KEYS}.{child} add foreign key ({column}) "
            f"references {TABLES_WITH_REAL_KEYS}.{parent} ({key}) on delete cascade"
        )
    conn.execute(_FLOOR)


def add_runs(
    conn: psycopg.Connection[Any], numbers: range, schemas: Iterable[str] = (TABLES_OF_THE_APPLICATION,)
) -> None:
    """Add runs of 22 rows each; those of the application's tables with their ledger, as if just recorded."""
    for first in range(numbers.start, numbers.stop, _CHUNK):
        chunk = range(first, min(first + _CHUNK, numbers.stop))
        with conn.transaction():
            for schema in schemas:
                write(conn, schema, chunk, ROWS + (_LEDGER if schema == TABLES_OF_THE_APPLICATION else ""))


def add_rows(conn: psycopg.Connection[Any], number: int, rows: int, schema: str) -> None:
    """Make a run bigger by so many rows, most of them children of its draft's bundles."""
    assets = 9
    bundles = rows // (assets + 1)
    write(conn, schema, range(0), _MORE_ROWS.format(run=number, bundles=bundles, assets=assets))


def write(conn: psycopg.Connection[Any], schema: str, numbers: range, statements: str) -> None:
    """Execute statements over the view runs, which holds these numbers."""
    with conn.transaction():
        conn.execute(f"set local search_path = {schema}")
        series = f"generate_series({numbers.start}, {numbers.stop - 1})"
        conn.execute(f"create temporary view runs as select g from {series} as g")
        conn.execute(statements)
        conn.execute("drop view pg_temp.runs")


# Keys that the first user's application kept in memory.


def bundle_ids(number: int) -> list[str]:
    """Return the bundles of a run."""
    return [f"u{number}-{k}" for k in range(1, BUNDLES + 1)]


def asset_ids(number: int) -> list[str]:
    """Return the assets of a run."""
    return [
        f"{bundle.replace('u', 'a')}-{j}"
        for bundle in bundle_ids(number)
        for j in range(1, ASSETS_PER_BUNDLE + 1)
    ]


def issue_ids(number: int) -> list[int]:
    """Return the issues of a run."""
    return [number * 10 + k for k in range(1, ISSUES + 1)]


def artifact_positions() -> range:
    """Return the places of a package's artifacts."""
    return range(1, ARTIFACTS + 1)


# Verification: every contender has to leave the same rows.


class WrongRowsLeft(AssertionError):
    """A contender left rows of a run that it undid, or deleted others."""


def expect_left(conn: psycopg.Connection[Any], schema: str, runs: int) -> None:
    """See that a schema holds exactly the rows of so many runs.

    With expect_gone: whoever leaves one row of a run, or takes one of another, is found out.
    """
    for table, rows in ROWS_PER_TABLE.items():
        left = _count(conn, f"select count(*) from {schema}.{table}")
        if left != runs * rows:
            raise WrongRowsLeft(f"{schema}.{table} holds {left} rows, not {runs * rows}")


def expect_gone(conn: psycopg.Connection[Any], schema: str, numbers: Sequence[int], who: str) -> None:
    """See that nothing is left of these runs."""
    for table in ROWS_PER_TABLE:
        column, keys = _keys_in(table, numbers)
        left = _count(conn, f"select count(*) from {schema}.{table} where {column} = any(%s)", keys)
        if left:
            raise WrongRowsLeft(f"{who} left {left} rows in {schema}.{table}")


def _keys_in(table: str, numbers: Sequence[int]) -> tuple[str, list[Any]]:
    """The column by which a table's rows belong to runs, and its values for these runs."""
    letters = {
        "onboarding_brief": ("id", "b"),
        "onboarding_intake": ("id", "i"),
        "strategy_document": ("id", "s"),
        "production_drafts": ("draft_id", "d"),
        "production_bundles": ("draft_id", "d"),
        "qc_results": ("id", "q"),
        "delivery_packages": ("package_id", "p"),
        "delivery_artifacts": ("package_id", "p"),
    }
    if table == "production_bundle_assets":
        return "asset_id", [asset for number in numbers for asset in asset_ids(number)]
    if table == "qc_issues":
        return "id", [issue for number in numbers for issue in issue_ids(number)]
    column, letter = letters[table]
    return column, [f"{letter}{number}" for number in numbers]


def _count(conn: psycopg.Connection[Any], statement: str, *parameters: Any) -> int:
    row = conn.execute(sql.SQL(statement), parameters or None).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return int(row[0])
