-- Roots in which record_step cannot see whether a row is there already: tables that the engine's owner may not read
-- whole, where recording fails; and tables kept elsewhere, whose rows have no versions here.
create or replace function unwind_internal.check_look_ups(workflow text)
returns table (severity text, code text, object text, message text, fix text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with roots as (
        select distinct r.root_table as name, unwind_internal.engine_owner() as reader
        from unwind.step_roots as r
        where r.workflow = check_look_ups.workflow
    ),

    lacking (name, message, fix) as (
        select r.name, format('role %I, which owns the engine, lacks %s on %s, and record_step fails there',
            r.reader, p.lack, p.object), p.fix
        from roots as r
        inner join pg_class as c on c.oid = r.name
        cross join lateral (
            select
                'SELECT' as lack, r.name::text as object, format('grant select on %s to %I;', r.name, r.reader) as fix
            where not has_table_privilege(r.reader, r.name, 'SELECT')
            union all
            select 'USAGE', 'schema ' || c.relnamespace::regnamespace,
                format('grant usage on schema %s to %I;', c.relnamespace::regnamespace, r.reader)
            where not has_schema_privilege(r.reader, c.relnamespace, 'USAGE')
            union all
            select 'BYPASSRLS', r.name::text, format('alter role %I bypassrls;', r.reader)
            where unwind_internal.hides_rows(r.name, r.reader)
        ) as p
    )

    select 'error', 'missing_privilege', l.name::text, l.message, l.fix
    from lacking as l
    union all
    select 'warning', 'existence_unchecked', r.name::text,
        format('rows of %s are kept elsewhere: record_step cannot tell whether a row was there before the run', r.name),
        '-- record before the rows are written, and only keys that the run itself makes'
    from roots as r
    where unwind_internal.is_kept_elsewhere(r.name)
    order by 3, 4
$$;
