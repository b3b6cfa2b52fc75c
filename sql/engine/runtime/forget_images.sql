-- Drops the images of runs that have ended, and of their undos, at once: for those who must not keep copies of rows
-- that were deleted. They can no longer be undone, nor their undo taken back. All or none; how many had some.
-- SECURITY DEFINER: nobody but the engine writes images; operators.
-- Errors: UW001; 55006 for a run that has not ended, 42501 for one of somebody else's.
create or replace function unwind.forget_images(run_ids text [])
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run unwind.workflow_runs;
    v_numbers bigint [] := '{}';
begin
    run_ids := unwind_internal.plain_array(run_ids);
    for v_run in select r.* from unwind_internal.lock_runs(run_ids) as r loop
        if v_run.status not in ('COMPLETED', 'COMPENSATED') then
            raise 'run % has not ended: it is %', quote_literal(v_run.id), v_run.status
            using errcode = 'object_in_use',
                detail = 'Without images of the rows that it changed it could not be undone.',
                hint = format('Undo it first: select * from unwind.compensate_run(%L);', v_run.id);
        end if;
        v_numbers := v_numbers || v_run.number;
    end loop;
    return unwind_internal.let_go_of_images(v_numbers);
end
$$;
comment on function unwind.forget_images(text []) is
'Drops the images of rows that ended runs, or their undos, changed, and says how many runs had some. They can no '
'longer be undone, nor their undo taken back. '
'Errors: UW001, 55006, 42501.';
