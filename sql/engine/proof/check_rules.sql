-- Rules by which something else is done instead of a delete: a compensation would be refused there. Triggers that may
-- keep a row are the user's to know; each delete is looked at again.
create or replace function unwind_internal.check_rules(workflow text)
returns table (severity text, code text, object text, message text, fix text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        'error',
        'instead_rule',
        r.ev_class::regclass::text as object,
        format('rule %I of %s does something else instead of a delete', r.rulename, r.ev_class::regclass),
        format('alter table %s disable rule %I; select unwind.compile_workflow(%L);',
            r.ev_class::regclass, r.rulename, check_rules.workflow)
    from pg_rewrite as r
    where r.ev_type = '4' and r.is_instead and r.ev_enabled <> 'D'
        and r.ev_class in (
            select p.target from unwind.plan_statements as p
            where p.workflow = check_rules.workflow and p.action = 'delete'
        )
    order by object, r.rulename
$$;
