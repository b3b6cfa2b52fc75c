-- Undoes runs whose undo is captured each by itself, the latest first, so that that of each can be taken back by
-- itself; all together, where they cannot go so.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW007, UW008, UW009, UW011, UW014; 42501.
create or replace function unwind_internal.undo_apart(run_ids text [])
returns void
language plpgsql
as $$
declare
    v_run unwind.workflow_runs;
    v_numbers bigint [];
begin
    begin
        for v_run in
            select r.* from unwind.workflow_runs as r
            where r.id operator(pg_catalog.=) any(run_ids)
            order by r.number desc
        loop
            perform unwind_internal.undo_with_images(
                array[v_run.id], array[v_run.number], unwind_internal.images_of(v_run), 'refuse'
            );
        end loop;
        return;
    exception
        when sqlstate 'UW007' or sqlstate 'UW011' or sqlstate 'UW014' then
            if pg_catalog.cardinality(run_ids) operator(pg_catalog.=) 1 then
                raise;
            end if;
    end;
    v_numbers := array(
        select r.number from unwind.workflow_runs as r where r.id operator(pg_catalog.=) any(run_ids)
    );
    perform unwind_internal.undo_with_images(
        run_ids, v_numbers, coalesce(unwind_compiled.logs_of(v_numbers), '{}'), 'refuse'
    );
end
$$;
