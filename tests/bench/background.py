"""Runs of the reference workflow, written by SQL: many behind, and fresh ones to undo."""

from __future__ import annotations

from typing import Any, Final

import psycopg

ROWS_PER_RUN: Final = 22

_ROWS: Final = """
set local search_path = client_to_delivery;
insert into onboarding_brief (id, client_id, deliverables, objectives)
select 'b' || g, 'client', '["post", "video"]', '{"goal": "reach"}' from {runs} as g;
insert into onboarding_intake (id, client_id, brief_id, responses)
select 'i' || g, 'client', 'b' || g, '{"question": "answer"}' from {runs} as g;
insert into strategy_document (id, brief_id, version, kpis, executive_summary)
select 's' || g, 'b' || g, 1, '["reach"]', repeat('summary ', 10) from {runs} as g;
insert into production_drafts (draft_id, strategy_id, content_type, body)
select 'd' || g, 's' || g, 'post', repeat('body ', 40) from {runs} as g;
insert into production_bundles (bundle_id, draft_id)
select 'u' || g || '-' || k, 'd' || g from {runs} as g, generate_series(1, 3) as k;
insert into production_bundle_assets (asset_id, bundle_id, asset_type, url)
select 'a' || g || '-' || k || '-' || j, 'u' || g || '-' || k, 'image', 'https://example.org/' || g
from {runs} as g, generate_series(1, 3) as k, generate_series(1, 2) as j;
insert into qc_results (id, draft_id, passed, score)
select 'q' || g, 'd' || g, true, 0.9 from {runs} as g;
insert into qc_issues (id, result_id, severity, section, reason)
select g * 10 + k, 'q' || g, 'low', 'introduction', 'tone' from {runs} as g, generate_series(1, 3) as k;
insert into delivery_packages (package_id, draft_id)
select 'p' || g, 'd' || g from {runs} as g;
insert into delivery_artifacts (package_id, name, url, format, position)
select 'p' || g, 'file', 'https://example.org/' || g, 'pdf', k
from {runs} as g, generate_series(1, 4) as k;
"""

_LEDGER: Final = """
insert into unwind.workflow_runs (id, workflow, business_key)
select 'r' || g, 'client_to_delivery', 'b' || g from {runs} as g;
insert into unwind.run_steps (run_id, step, entity_key)
select 'r' || g, s.step, array[s.prefix || g]
from {runs} as g,
    (values ('brief', 'b'), ('strategy', 's'), ('draft', 'd'), ('qc', 'q'), ('package', 'p')) as s (
        step, prefix
    );
insert into unwind.entity_owners (root_table, key_columns, entity_key, run_id)
select t.root_table, t.key_columns, l.entity_key, l.run_id
from {runs} as g
inner join unwind.run_steps as l on l.run_id = 'r' || g
inner join unwind.step_roots as t on t.step = l.step;
"""

FLOOR: Final = """
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
"""


def add_runs(conn: psycopg.Connection[Any], first: int, last: int, *, ledger: bool = True) -> None:
    """Add the runs r<first> to r<last>, of 22 rows each; without the ledger only their rows."""
    runs = f"generate_series({first}, {last})"
    with conn.transaction():
        conn.execute(_ROWS.replace("{runs}", runs))
        if ledger:
            conn.execute(_LEDGER.replace("{runs}", runs))


def load(conn: psycopg.Connection[Any], runs: int) -> None:
    """Put so many runs behind, with the one index that check_workflow asks for, and the floor beside."""
    conn.execute("create index on client_to_delivery.onboarding_intake (brief_id)")
    conn.execute(FLOOR)
    add_runs(conn, 1, runs)
    conn.execute("vacuum analyze")
