-- Errors: 55000, for a run that is not COMPENSATED.
create or replace function unwind_internal.assert_undone(run unwind.workflow_runs)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if run.status <> 'COMPENSATED' then
        raise 'run % is not undone: it is %', quote_literal(run.id), run.status
        using errcode = 'object_not_in_prerequisite_state',
            detail = 'There is no undo of it that could be taken back.',
            hint = format('select * from unwind.workflow_runs where id = %L;', run.id);
    end if;
end
$$;
