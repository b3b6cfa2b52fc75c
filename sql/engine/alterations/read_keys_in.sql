-- Recorded keys of a root go over to another table: they are values of its columns, and whoever has a row in the
-- former one has it there, too; where the former one is gone, each that could still be undone has.
-- Errors: UW009.
create or replace function unwind_internal.read_keys_in(root unwind.step_roots, now regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_former unwind.plan_statements;
    v_way_back text;
begin
    if exists (select from pg_class as c where c.oid = root.root_table) then
        v_former := unwind_internal.present_root(root);
        v_way_back := format('select unwind_internal.keep_table(%L);', root.root_table);
    end if;
    root.root_table := now;
    perform unwind_internal.find_lost_keys(unwind_internal.present_root(root), v_former);
    perform unwind_internal.settle_lost_keys(now, false, format('finds no row in %s', now), v_way_back);
    perform unwind_internal.read_keys_anew(root.workflow, root.step);
    perform unwind_internal.settle_lost_keys(now, false, 'is no value of its columns', v_way_back);
end
$$;
