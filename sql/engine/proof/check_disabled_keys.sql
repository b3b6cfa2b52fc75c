-- Foreign keys of the plan that PostgreSQL does not enforce, for their triggers are disabled: where it should refuse,
-- delete or clear, rows would stay and refer to what is gone.
create or replace function unwind_internal.check_disabled_keys(workflow text)
returns table (severity text, code text, object text, message text, fix text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        'error',
        'disabled_foreign_key',
        t.tgrelid::regclass::text,
        format('constraint %I of %s is not enforced where rows of %s go: its trigger %I is disabled',
            c.conname, c.conrelid::regclass, c.confrelid::regclass, t.tgname),
        format('alter table %s enable trigger %I;', t.tgrelid::regclass, t.tgname)
    from pg_trigger as t
    inner join pg_constraint as c on c.oid = t.tgconstraint and c.contype = 'f' and c.confrelid = t.tgrelid
    where t.tgisinternal
        and t.tgenabled in ('D', 'R')
        and t.tgtype & 8 <> 0 -- on delete
        and t.tgrelid in (
            select p.relid
            from unwind.plan_statements as s
            cross join pg_partition_tree(s.target) as p
            where s.workflow = check_disabled_keys.workflow and s.action = 'delete'
            union
            select s.target from unwind.plan_statements as s
            where s.workflow = check_disabled_keys.workflow and s.action = 'delete'
        )
    order by t.tgrelid::regclass::text, t.tgname
$$;
