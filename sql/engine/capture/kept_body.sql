-- A kept undo as it would be made now, and the body of its function: null where its tables are not there, or not
-- followed.
create or replace function unwind_internal.kept_body(
    log_names text [], inserted_only boolean, out undo unwind_internal.kept_undos, out body text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_tables unwind_internal.captured_tables [];
begin
    select array_agg(c order by c.log_name) into v_tables
    from unwind_internal.captured_tables as c
    where c.log_name = any(kept_body.log_names)
        and exists (select from pg_class as t where t.oid = c.table_name)
        and unwind_internal.primary_key(c.table_name) is not null
        and not unwind_internal.is_stale(c.log_name, c.fingerprint);
    if cardinality(v_tables) is distinct from cardinality(log_names) then
        return;
    end if;
    undo := unwind_internal.prepare_undo(v_tables);
    undo.inserted_only := inserted_only;
    undo.function_name := 'undo_captured_' || md5(inserted_only || undo.log_names::text);
    undo.depends_on := unwind_internal.dragging_tables(v_tables);
    undo.depends := undo.depends_on::text;
    undo.is_foreseen := unwind_internal.is_foreseen(v_tables, undo.depends_on);
    body := case when inserted_only then unwind_internal.render_inserted(undo.function_name, v_tables)
        else unwind_internal.render_kept(undo.function_name, v_tables) end;
    undo.state := md5(concat(body, undo::text));
end
$$;
