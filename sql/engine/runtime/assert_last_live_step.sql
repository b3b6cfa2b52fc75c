-- Errors: UW008 for a step that the workflow does not have, UW012 where a later step is live.
create or replace function unwind_internal.assert_last_live_step(run unwind.workflow_runs, step text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_position int;
    v_later text;
begin
    select s.position into v_position
    from unwind.workflow_steps as s
    where s.workflow = run.workflow and s.step = assert_last_live_step.step;
    if not found then
        perform unwind_internal.raise_step_not_defined(run.workflow, step);
    end if;
    select s.step into v_later
    from unwind.workflow_steps as s
    where s.workflow = run.workflow
        and s.position > v_position
        and exists (
            select from unwind.run_steps as l
            where l.run_id = run.id and l.step = s.step and l.compensated_at is null
                and l.released_at is null
        )
    order by s.position desc
    limit 1;
    if found then
        raise 'step % of run % is later than % and still live', quote_literal(v_later), quote_literal(run.id),
            quote_literal(step)
        using errcode = 'UW012',
            detail = 'Steps are undone last first, for later ones may refer to what earlier ones made.',
            hint = format('select * from unwind.compensate_step(%L, %L);', run.id, v_later);
    end if;
end
$$;
