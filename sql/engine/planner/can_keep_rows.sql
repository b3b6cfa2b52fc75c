-- Whether the table has a BEFORE DELETE row trigger: one that returns null keeps the row, and PostgreSQL says
-- nothing; or a rule by which something else is done instead. Partitions have triggers of their own.
create or replace function unwind_internal.can_keep_rows(target regclass)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_tables oid [] := target::oid || array(select p.relid::oid from pg_partition_tree(target) as p);
begin
    -- tgtype: 1 for each row, 2 before, 8 delete; ev_type: 4 delete
    return exists (
        select from pg_trigger as g
        where g.tgrelid = any(v_tables) and not g.tgisinternal and g.tgenabled <> 'D' and g.tgtype & 11 = 11
    ) or exists (
        select from pg_rewrite as r
        where r.ev_class = target and r.ev_type = '4' and r.is_instead and r.ev_enabled <> 'D'
    );
end
$$;
