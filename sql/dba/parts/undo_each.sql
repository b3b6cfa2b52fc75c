-- Undoes the runs of :runs, each in a transaction of its own; then together those that were refused for rows in their
-- way, or changed since, which may be each other's. Unless :go it only shows what it would do. :force and :on_conflict as
-- in compensate_run. What ails the server rather than a run ends it all at once.
\if :go
\else
    \echo
    \echo What would be deleted or restored; blocked are runs to whose rows rows of others refer, or whose captured
    \echo rows others have changed, unless those are of runs that go too
    -- A look at a run takes its time: once for both lists.
    with looked as materialized (
        select u.id, p.table_name, p.row_count, p.blocked_by
        from pg_catalog.unnest(:'runs'::pg_catalog.text []) as u (id)
        cross join lateral unwind.preview_run(u.id) as p
        where p.action operator(pg_catalog.<>) 'conflict' or :'on_conflict' operator(pg_catalog.=) 'refuse'
    ),

    by_table as (
        select
            l.table_name,
            pg_catalog.sum(l.row_count) as rows,
            pg_catalog.count(distinct l.id) filter (where l.blocked_by is not null) as blocked_runs
        from looked as l
        group by l.table_name
    ),

    blocked as (
        select distinct l.id as run, l.blocked_by, pg_catalog.dense_rank() over (order by l.id desc) as place
        from looked as l
        where l.blocked_by is not null
    )

    select
        coalesce((select pg_catalog.jsonb_agg(t) from by_table as t), '[]') as by_table,
        coalesce(
            (
                select pg_catalog.jsonb_agg(b) from blocked as b where b.place operator(pg_catalog.<=) 20
            ), '[]'
        ) as blocked \gset
    select t.table_name, t.rows, t.blocked_runs
    from pg_catalog.jsonb_to_recordset(:'by_table')
        as t (table_name pg_catalog.text, rows pg_catalog.int8, blocked_runs pg_catalog.int8)
    order by t.table_name;
    \echo Blocked, twenty runs, and the rows in the way (no row: none)
    select b.run, b.blocked_by
    from pg_catalog.jsonb_to_recordset(:'blocked') as b (run pg_catalog.text, blocked_by pg_catalog.text)
    order by b.run desc, b.blocked_by;
    select pg_catalog.cardinality(:'runs'::pg_catalog.text []) as runs_found \gset
    \echo Runs: :runs_found. Nothing is changed. To undo them: the same again with -v go=1
    \quit
\endif
-- A block takes no variables of psql's: it is told, and tells, by settings of the session.
select pg_catalog.set_config('unwind.chosen', :'runs', false) as chosen \gset
select pg_catalog.set_config('unwind.force', :'force', false) as force \gset
select pg_catalog.set_config('unwind.on_conflict', :'on_conflict', false) as on_conflict \gset
select pg_catalog.set_config('unwind.refused', '{}', false) as refused \gset

do $$
declare
    v_run pg_catalog.text;
    v_refused pg_catalog.jsonb := '{}';
    v_blocked pg_catalog.text [];
    v_captured pg_catalog.text [];
    v_message pg_catalog.text;
    v_detail pg_catalog.text;
    v_hint pg_catalog.text;
begin
    commit;
    set transaction isolation level read committed; -- and so in all that follow, for each is chained to the one before
    foreach v_run in array pg_catalog.current_setting('unwind.chosen')::pg_catalog.text [] loop
        begin
            perform unwind.compensate_run(
                v_run, pg_catalog.current_setting('unwind.force')::pg_catalog.bool,
                pg_catalog.current_setting('unwind.on_conflict')
            );
            set constraints all immediate;
            if exists (select from unwind.verify_run(v_run)) then
                raise 'rows are left' using
                    detail = 'They are below keys of a step that was undone before this, and came since.',
                    hint = pg_catalog.format('select * from unwind.preview_run(%L);', v_run);
            end if;
        exception
            when assert_failure or others then -- others alone leaves out a failed assert
                if unwind_internal.at_fault(sqlstate) operator(pg_catalog.=) 'server' then
                    raise;
                end if;
                get stacked diagnostics
                    v_message = message_text, v_detail = pg_exception_detail, v_hint = pg_exception_hint;
                v_refused := v_refused operator(pg_catalog.||) pg_catalog.jsonb_build_object(
                    v_run, pg_catalog.jsonb_build_object(
                        'sqlstate', sqlstate, 'message', v_message, 'detail', v_detail, 'hint', v_hint
                    )
                );
        end;
        commit and chain;
    end loop;
    v_blocked := array(
        select r.key from pg_catalog.jsonb_each(v_refused) as r
        where r.value operator(pg_catalog.->>) 'sqlstate' operator(pg_catalog.=) any('{UW007, UW011}')
    );
    v_blocked := array(
        select r.id from unwind_internal.lock_runs(v_blocked) as r
        where r.status operator(pg_catalog.<>) all('{COMPENSATING, COMPENSATED}')
    );
    v_captured := unwind_internal.captured_runs(v_blocked);
    v_blocked := array(
        select b.id from pg_catalog.unnest(v_blocked) as b (id) where b.id operator(pg_catalog.<>) all(v_captured)
    );
    v_refused := (v_refused operator(pg_catalog.-) v_blocked)
        operator(pg_catalog.||) unwind_internal.undo_together(v_blocked);
    if pg_catalog.cardinality(v_captured) operator(pg_catalog.>) 1 then
        begin
            perform unwind.compensate_runs(
                v_captured, pg_catalog.current_setting('unwind.force')::pg_catalog.bool,
                pg_catalog.current_setting('unwind.on_conflict')
            );
            set constraints all immediate;
            v_refused := v_refused operator(pg_catalog.-) v_captured;
        exception
            when sqlstate 'UW007' or sqlstate 'UW011' or sqlstate 'UW014' then
                null; -- each was told why already
        end;
    end if;
    perform pg_catalog.set_config('unwind.refused', v_refused::pg_catalog.text, false);
    commit;
end
$$;

\echo
\echo Rows deleted and restored for each run
select d.run_id, d.rows_deleted, d.rows_reverted, d.rows_reinserted, d.rows_skipped
from unwind_internal.rows_deleted_of(:'runs') as d
where greatest(d.rows_deleted, d.rows_reverted, d.rows_reinserted, d.rows_skipped) operator(pg_catalog.>) 0
    and not pg_catalog.jsonb_exists(pg_catalog.current_setting('unwind.refused')::pg_catalog.jsonb, d.run_id)
order by d.run_id;

\echo Left (no row: nothing)
select u.id as run_id, v.table_name, v.rows_left
from pg_catalog.unnest(:'runs'::pg_catalog.text []) as u (id)
cross join lateral unwind.verify_run(u.id) as v
where not pg_catalog.jsonb_exists(pg_catalog.current_setting('unwind.refused')::pg_catalog.jsonb, u.id);

\echo Not undone, and why (no row: none)
select
    r.key as run,
    pg_catalog.format('[%s] %s', r.value operator(pg_catalog.->>) 'sqlstate', r.value operator(pg_catalog.->>) 'message')
        as error,
    r.value operator(pg_catalog.->>) 'detail' as detail,
    r.value operator(pg_catalog.->>) 'hint' as hint
from pg_catalog.jsonb_each(pg_catalog.current_setting('unwind.refused')::pg_catalog.jsonb) as r
order by r.key \gx

select pg_catalog.count(*) as refused, pg_catalog.count(*) operator(pg_catalog.>) 0 as some_refused
from pg_catalog.jsonb_object_keys(pg_catalog.current_setting('unwind.refused')::pg_catalog.jsonb) \gset
select pg_catalog.cardinality(:'runs'::pg_catalog.text []) operator(pg_catalog.-) :refused as undone \gset
\echo Runs undone: :undone, not undone: :refused
\if :some_refused
    do $$ begin raise 'some runs are not undone' using hint = 'Each is listed above with its error.'; end $$;
\endif
