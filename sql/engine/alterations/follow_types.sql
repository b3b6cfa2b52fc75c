-- Recorded keys follow their columns to other types, in all workflows that have the table as a root: they are written
-- as the new type writes them, and owners are made anew from them. Where the change may have made other values of
-- what was there, each key of a run that could still be undone has to find its row.
-- Errors: UW009 where one is no value of the new type, finds no row, or would belong to two runs.
create or replace function unwind_internal.follow_types(workflow text, release_lost boolean default false)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_table regclass;
    v_names text [];
    v_others text [];
    v_root unwind.step_roots;
begin
    for v_table, v_names, v_others in
        select c.tbl, array_agg(c.name), coalesce(array_agg(c.name) filter (where c.is_other), '{}')
        from unwind_internal.changed_keys(workflow) as c
        group by c.tbl
        order by c.tbl::text
    loop
        perform unwind_internal.lock_owners();
        for v_root in
            select r.* from unwind.step_roots as r
            where r.root_table = v_table and r.key_columns && v_others and unwind_internal.is_whole(r)
            order by r.workflow, r.step, r.root
        loop
            perform unwind_internal.find_lost_keys(unwind_internal.present_root(v_root));
            perform unwind_internal.settle_lost_keys(v_table, release_lost, 'finds no row any more');
        end loop;
        for v_root in
            select distinct on (r.workflow, r.step) r.* from unwind.step_roots as r
            where r.root_table = v_table and r.key_columns && v_names and unwind_internal.is_whole(r)
            order by r.workflow, r.step
        loop
            perform unwind_internal.read_keys_anew(v_root.workflow, v_root.step);
            perform unwind_internal.settle_lost_keys(v_table, release_lost, 'is no value of its columns any more');
        end loop;
        perform unwind_internal.own_anew(v_table);
    end loop;
end
$$;
