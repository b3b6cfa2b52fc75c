-- Makes, or makes anew, the function of a kept undo, and gives it; null where it cannot be made, where somebody else is
-- making one, for nobody is to wait for that with rows locked, and where there are many already.
create or replace function unwind_internal.keep_undo(log_names text [], inserted_only boolean)
returns unwind_internal.kept_undos
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_undo unwind_internal.kept_undos;
    v_made record;
begin
    if not pg_try_advisory_xact_lock(hashtext('unwind_internal.kept_undos')) then
        return null;
    end if;
    select b.* into v_made from unwind_internal.kept_body(log_names, inserted_only) as b;
    v_undo := v_made.undo;
    if v_undo.function_name is null
        or (select count(*) from unwind_internal.kept_undos as k where k.function_name <> v_undo.function_name) >= 200
    then
        return null;
    end if;
    execute format(
        'create or replace function unwind_compiled.%I(%s language plpgsql '
        'set plan_cache_mode = force_generic_plan as %L',
        v_undo.function_name,
        -- It may be made while a table is empty, and is kept as the table grows: see undo_workflow.
        case when inserted_only
            then 'bigint[], bigint[], text, boolean) returns bigint[] '
                'set enable_mergejoin = off set enable_hashjoin = off'
            else 'bigint[], boolean, text, boolean) returns setof unwind_internal.table_outcome' end,
        E'#variable_conflict use_column\ndeclare\n' || replace(v_made.body, '~state~', v_undo.state)
    );
    execute format(
        'alter function unwind_compiled.%I owner to %I', v_undo.function_name, unwind_internal.engine_owner()
    );
    perform unwind_internal.grant_generated(format('unwind_compiled.%I', v_undo.function_name));
    delete from unwind_internal.kept_undos as k where k.function_name = v_undo.function_name;
    insert into unwind_internal.kept_undos select v_undo.*;
    return v_undo;
end
$$;
