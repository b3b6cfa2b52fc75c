-- What is done first in a restored dump. A dump writes tables by name, but one that was dropped by its number alone,
-- which means nothing elsewhere, or another table. Of the tables that definitions name the number and the name are
-- known: where a restored row still has the number and not the name, the table was lost. Declared links with it are
-- forgotten, for they link nothing; a root becomes '-', no table, for somebody has to say what the step undoes.
create or replace function unwind_internal.forget_lost_tables()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_table unwind_internal.known_tables;
    v_lost regclass [] := '{}';
begin
    if not exists (select from unwind_internal.known_tables as k where k.kept_in <> k.tableoid)
        or not has_table_privilege('unwind_internal.known_tables', 'delete')
    then
        return;
    end if;
    for v_table in
        select k.* from unwind_internal.known_tables as k
        where k.kept_in <> k.tableoid and k.tbl = k.number and k.tbl::text <> k.table_name
        order by k.table_name
    loop
        v_lost := v_lost || v_table.tbl;
        raise warning 'table % was dropped before this dump was made', v_table.table_name
        using detail = 'Links declared with it are forgotten; where it was the root of a step, one has to be named.';
    end loop;
    delete from unwind.logical_foreign_keys as l where l.child_table = any(v_lost) or l.parent_table = any(v_lost);
    delete from unwind.step_roots as r
    using unwind.step_roots as o
    where r.root_table = any(v_lost) and o.root_table = any(v_lost)
        and o.workflow = r.workflow and o.step = r.step and o.key_columns = r.key_columns and o.root < r.root;
    update unwind.step_roots as r set root_table = 0 where r.root_table = any(v_lost);
    delete from unwind_internal.planned_tables as t where t.target = any(v_lost);
    delete from unwind_internal.known_partitions as p where p.target = any(v_lost);
    delete from unwind_internal.known_tables as k where k.kept_in <> k.tableoid;
end
$$;
