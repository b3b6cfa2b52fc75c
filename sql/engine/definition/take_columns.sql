-- Says that the definitions mean the columns that have the names now, and not those that had them when it was
-- planned. Recorded keys follow: the row that one finds by the former columns says what it is by the new ones. Then
-- compiles the workflows that know the table.
-- Errors: UW009 where a key would find the row of another.
create or replace function unwind_internal.take_columns(tbl regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_root unwind.step_roots;
begin
    perform unwind_internal.lock_definitions();
    perform unwind_internal.lock_owners();
    for v_root in
        select r.* from unwind.step_roots as r
        where r.root_table = take_columns.tbl
            and r.key_columns <> unwind_internal.kept_columns(tbl, r.key_columns)
        order by r.workflow, r.step, r.root
    loop
        perform unwind_internal.translate_keys(v_root);
    end loop;
    update unwind_internal.planned_tables as t
    set numbers = array(
            select coalesce(a.attnum, c.number)
            from unnest(t.columns, t.numbers) with ordinality as c (name, number, n)
            left join pg_attribute as a on a.attrelid = t.target and a.attname = c.name and not a.attisdropped
            order by c.n
        )
    where t.target = take_columns.tbl and t.target_oid = t.target::oid;
    perform unwind_internal.own_anew(tbl);
    perform unwind_internal.compile_known(tbl);
end
$$;
