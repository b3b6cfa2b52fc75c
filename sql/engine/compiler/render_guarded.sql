-- An SQL expression: the run, none of run_ids, that owns the row t by the key of a guard; null where none does.
create or replace function unwind_internal.render_guarded(statement unwind.plan_statements, run_ids text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return unwind_internal.render_other_owner(
        (statement).target,
        array(
            select k.root_table from unwind_internal.key_sets((statement).target) as k
            where k.key_columns = (statement).columns
        ),
        (statement).columns,
        render_guarded.run_ids
    );
end
$$;
