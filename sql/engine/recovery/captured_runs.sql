-- Those of the runs, whose rows are locked, whose undo is captured, or may be; one look where nothing is captured.
create or replace function unwind_internal.captured_runs(run_ids text [])
returns text []
language plpgsql
stable
as $$
begin
    if unwind_compiled.logs_of('{}') is null then
        return '{}';
    end if;
    return array(
        select r.id
        from unwind.workflow_runs as r
        where r.id operator(pg_catalog.=) any(run_ids)
            and (
                unwind_compiled.logs_of(array[r.number]) operator(pg_catalog.<>) '{}'
                or unwind_internal.reaches_captured(array[r.number])
            )
    );
end
$$;
