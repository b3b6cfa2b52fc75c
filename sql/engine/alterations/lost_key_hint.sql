-- What to type where a recorded key would be lost: undo the run by the way back, or say where its row is, or that it
-- is gone.
create or replace function unwind_internal.lost_key_hint(
    workflow text, run_id text, step text, entity_key text [], status text, way_back text
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when way_back is not null
            then format('%s Then undo the run, if it should be, and say again what is meant: '
                'select * from unwind.compensate_run(%L);', way_back, run_id)
        else concat_ws(' ',
            format('If the run should be undone first, alter the column back, then: '
                'select unwind.compile_workflow(%L); select * from unwind.compensate_run(%L);', workflow, run_id),
            format('If its row has another key now, say which: update unwind_internal.ledger set entity_key = ''{…}'' '
                'where run_id = %L and step = %L and entity_key = %L;', run_id, step, entity_key),
            case status
                when 'RUNNING' then 'If its row is still to come, let the run end first.'
                else format('If such rows are gone: select unwind_internal.release_lost_keys(%L);', workflow)
            end
        )
    end
$$;
