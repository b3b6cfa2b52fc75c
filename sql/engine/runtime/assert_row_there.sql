-- Errors: P0002, where no root of the step has a row under the key. A custom step has no row to look at.
create or replace function unwind_internal.assert_row_there(
    roots unwind.plan_statements [], entity_key text [], run_id text
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_root unwind.plan_statements;
    v_versions text [];
begin
    foreach v_root in array roots loop
        if v_root.action <> 'keys' then
            return;
        end if;
        select l.versions into v_versions from unwind_internal.look_up(v_root, entity_key, run_id, false) as l;
        if v_versions is not null then
            return;
        end if;
    end loop;
    raise 'no row of % is there under (%)',
        (select string_agg(distinct r.target::text, ' or ') from unnest(roots) as r), array_to_string(entity_key, ', ')
    using errcode = 'no_data_found',
        detail = format('Step %L of workflow %L has no other roots, and what is not there cannot be adopted.',
            roots[1].step, roots[1].workflow),
        hint = format('For a row that is still to be written: select unwind.record_step(%L, %L, variadic %L);',
            run_id, roots[1].step, entity_key);
end
$$;
