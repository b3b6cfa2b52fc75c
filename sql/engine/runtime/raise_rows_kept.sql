-- Errors: UW007, always.
create or replace function unwind_internal.raise_rows_kept(table_name text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_target regclass := table_name::regclass;
begin
    raise 'rows of % were not deleted: a trigger kept them', table_name
    using errcode = 'UW007',
        detail = format('BEFORE DELETE row triggers and INSTEAD rules there: %s. One that returns null keeps the row.', (
            select string_agg(quote_ident(k.name), ', ' order by k.name)
            from (
                select g.tgname as name
                from pg_trigger as g
                where g.tgrelid in (
                        select v_target union all select p.relid from pg_partition_tree(v_target) as p
                    )
                    and g.tgparentid = 0 and not g.tgisinternal and g.tgenabled <> 'D' and g.tgtype & 11 = 11
                union all
                select r.rulename
                from pg_rewrite as r
                where r.ev_class = v_target and r.ev_type = '4' and r.is_instead
            ) as k
        )),
        hint = format('Let the trigger pass, or: alter table %s disable trigger ...;', table_name),
        table = table_name;
end
$$;
