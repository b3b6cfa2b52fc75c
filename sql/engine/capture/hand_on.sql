-- Rows that were skipped, for somebody has changed them since: where that was another run, whose undo would bring back
-- what these runs wrote, their images of the row become that run's. So undoing it later restores the row of before
-- both, and not what was written by a run that is undone. Of several, the oldest. row_keys: as render_key_text has
-- them, of one captured table.
-- SECURITY DEFINER: nobody but the engine writes images. It hands on those of runs on which the caller may act, and
-- looks at images alone.
create or replace function unwind_internal.hand_on(log_name text, numbers bigint [], row_keys text [])
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_own bigint [] := array(
        select r.number
        from unwind.workflow_runs as r
        where r.number = any(numbers) and unwind_internal.may_act(r.started_by)
        order by r.number
    );
    v_captured unwind_internal.captured_tables;
    v_run bigint;
    v_heir bigint;
begin
    select c.* into v_captured from unwind_internal.captured_tables as c where c.log_name = hand_on.log_name;
    for v_run, v_heir in execute unwind_internal.render_hand_on(v_captured) using v_own, row_keys loop
        insert into unwind_internal.handed_on as h (run, log_name, heir, images)
        values (v_run, hand_on.log_name, v_heir, 1)
        on conflict on constraint handed_on_pkey do update set images = h.images + 1;
    end loop;
end
$$;
