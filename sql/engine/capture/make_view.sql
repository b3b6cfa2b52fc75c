-- Makes the view by which a log is read: by whoever may read the whole of its table, no row of which a policy hides
-- from it. Others find it empty, so whoever needs to know asks first (assert_readable). It does not name the table,
-- which could not be dropped then, and asks for it once a plan: see table_of_log.
create or replace function unwind_internal.make_view(captured unwind_internal.captured_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    execute format(
        'create view unwind_captured.%I with (security_barrier) as select l.* from unwind_captured.%I as l '
        'where has_table_privilege(unwind_internal.table_of_log(%2$L), ''SELECT'') '
        'and not row_security_active(unwind_internal.table_of_log(%2$L))',
        'images of ' || captured.log_name, captured.log_name
    );
    execute format(
        'alter view unwind_captured.%I owner to %I', 'images of ' || captured.log_name, unwind_internal.engine_owner()
    );
    execute format('grant select on unwind_captured.%I to public', 'images of ' || captured.log_name);
end
$$;
