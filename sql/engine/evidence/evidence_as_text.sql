-- The evidence of one run (describe_runs) as lines to read.
create or replace function unwind_internal.evidence_as_text(evidence jsonb)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with run as (
        select
            e.described -> 'record' as record,
            e.described -> 'record' -> 'run' as facts,
            e.described ->> 'sha256' as digest,
            nullif(e.described -> 'audit', 'null') as audit,
            e.described -> 'captured' as captured,
            evidence_as_text.evidence #> '{workflows,0}' as workflow
        from (select evidence_as_text.evidence #> '{runs,0}' as described) as e
    ),

    lines (part, place, line) as (
        select 1, 0, format('run %s of workflow %s: %s', quote_literal(r.facts ->> 'id'),
            quote_literal(r.facts ->> 'workflow'), r.facts ->> 'status')
        from run as r
        union all
        select 2, 0, format('  started %s by %s', r.facts ->> 'created_at', coalesce(r.facts ->> 'started_by', '?'))
            || coalesce(', for ' || quote_literal(r.facts ->> 'business_key'), '')
        from run as r
        union all
        select 3, 0, '  error: ' || unwind_internal.one_line(r.facts ->> 'last_error')
        from run as r
        where r.facts ->> 'last_error' is not null
        union all
        select 4, 0, 'recorded' from run as r where r.record -> 'ledger' <> '[]'
        union all
        select 5, l.n, format('  %s  %s %s%s', l.entry ->> 'recorded_at', l.entry ->> 'step',
            unwind_internal.one_line(format('(%s)', (
                select string_agg(k.value, ', ') from jsonb_array_elements_text(l.entry -> 'entity_key') as k
            ))),
            case
                when l.entry ->> 'released_at' is not null
                    then format(', released %s by %s', l.entry ->> 'released_at', l.entry ->> 'released_by')
                when l.entry ->> 'compensated_at' is not null then ', undone ' || (l.entry ->> 'compensated_at')
                else ', live'
            end)
        from run as r
        cross join jsonb_array_elements(r.record -> 'ledger') with ordinality as l (entry, n)
        union all
        select 6, 0, 'changed in captured tables' from run as r where r.captured <> '[]'
        union all
        select 7, t.n, format('  %s: %s inserted, %s updated, %s deleted', t.tbl ->> 'table_name',
            coalesce(t.tbl ->> 'rows_inserted', '?'), coalesce(t.tbl ->> 'rows_updated', '?'),
            coalesce(t.tbl ->> 'rows_deleted', '?'))
        from run as r
        cross join jsonb_array_elements(r.captured) with ordinality as t (tbl, n)
        union all
        select 8, 0, 'receipts' from run as r where r.record -> 'receipts' <> '[]'
        union all
        select 9, c.n, format('  %s  %s%s%s: %s deleted%s%s by %s', c.receipt ->> 'compensated_at',
            case c.receipt ->> 'kind' when 'restore' then 'undo taken back, ' when 'release' then 'released, ' end,
            c.receipt ->> 'step' || ', ', c.receipt ->> 'table_name', c.receipt ->> 'rows_deleted',
            ', ' || nullif((c.receipt ->> 'rows_reverted')::bigint + (c.receipt ->> 'rows_reinserted')::bigint, 0)
            || ' restored',
            ', ' || nullif((c.receipt ->> 'rows_skipped')::bigint, 0) || ' skipped',
            c.receipt ->> 'compensated_by')
            || coalesce(', login ' || nullif(c.receipt ->> 'login', c.receipt ->> 'compensated_by'), '')
            || case when (c.receipt ->> 'taken_back')::boolean then ', taken back since' else '' end
        from run as r
        cross join jsonb_array_elements(r.record -> 'receipts') with ordinality as c (receipt, n)
        union all
        select 10, 0, 'rights used' from run as r where r.audit <> '[]'
        union all
        select 11, a.n, format('  %s  %s by %s, login %s', a.act ->> 'at', a.act ->> 'action', a.act ->> 'role',
            a.act ->> 'login') || coalesce(': ' || unwind_internal.one_line(a.act ->> 'detail'), '')
        from run as r
        cross join jsonb_array_elements(r.audit) with ordinality as a (act, n)
        union all
        select 12, 0, 'not proved: ' || unwind_internal.one_line(
            (select string_agg(d.line, '; ') from jsonb_array_elements_text(r.workflow -> 'unproved') as d (line))
        )
        from run as r
        where jsonb_typeof(r.workflow -> 'proof') = 'null'
        union all
        select 12, 0, 'counted ' || (r.workflow #>> '{proof,counted_at}')
        from run as r
        where jsonb_typeof(r.workflow -> 'proof') = 'object'
        union all
        select 13, t.n, format('  %s: %s left, %s of others', t.tbl ->> 'table_name', t.tbl ->> 'rows_left',
            t.tbl ->> 'rows_outside')
        from run as r
        cross join jsonb_array_elements(nullif(r.workflow -> 'proof', 'null') -> 'tables') with ordinality as t (tbl, n)
        union all
        select 14, o.n, format('  %s of %s (%s) without their row of %s', o.orphan ->> 'orphans',
            o.orphan ->> 'child_table',
            (select string_agg(c.value, ', ') from jsonb_array_elements_text(o.orphan -> 'child_columns') as c),
            o.orphan ->> 'parent_table')
        from run as r
        cross join jsonb_array_elements(nullif(r.workflow -> 'proof', 'null') -> 'orphans')
            with ordinality as o (orphan, n)
        union all
        select 15, 0, 'sha256 of the record: ' || r.digest from run as r
    )

    select string_agg(l.line, E'\n' order by l.part, l.place) from lines as l
$$;
