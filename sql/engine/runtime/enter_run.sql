-- Makes this transaction the run's until it ends: what it writes to captured tables from now on is kept as the run's.
-- Holds the run's row FOR KEY SHARE, so that no compensation can overtake it. Again for the same run it changes
-- nothing.
-- With worker it says who is speaking, as act_as does.
-- SECURITY DEFINER: a lock takes the right to write runs, and nobody but the engine has that.
-- Errors: UW001, UW002, UW003, UW016; 42501 for a run of somebody else's.
create or replace function unwind.enter_run(run_id text, worker text default null)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run text;
begin
    if worker is not null then
        perform unwind.act_as(worker);
    end if;
    perform unwind_internal.hold_run(run_id, '{RUNNING}');
    select r.number into v_run from unwind.workflow_runs as r where r.id = enter_run.run_id;
    if coalesce(current_setting('unwind.run', true), '') not in ('', v_run) then
        raise 'this transaction is another run''s already'
        using errcode = 'UW016',
            detail = 'What it has written belongs to that run.',
            hint = 'Commit it first; each transaction is of one run.';
    end if;
    perform set_config('unwind.run', v_run, true);
    if unwind_internal.is_bound() then
        perform unwind_internal.note_entered(v_run::bigint);
    end if;
end
$$;
comment on function unwind.enter_run(text, text) is
'Makes this transaction the run''s until it ends: what it writes to captured tables is kept as the run''s. With worker '
'as after act_as. Errors: UW001, UW002, UW003, UW016, 42501.';
