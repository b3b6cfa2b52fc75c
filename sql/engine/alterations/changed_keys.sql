-- Key columns, by their names of today, whose recorded keys have to be read anew: of another type, or another column
-- in place of one that was dropped. is_other: the rows may have other values now.
create or replace function unwind_internal.changed_keys(workflow text)
returns table (tbl regclass, name text, is_other boolean)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        k.target, k.name,
        k.state = 'replaced' or not unwind_internal.texts_agree(k.key_type, k.former, k.base_type, k.former_base)
    from (
        select
            p.target, p.state, p.key_type as former, p.type as former_base, n.name,
            unwind_internal.full_type(p.target, n.name) as key_type,
            unwind_internal.column_type(p.target, n.name) as base_type
        from unwind_internal.planned_columns as p
        cross join lateral (select case p.state when 'renamed' then p.called else p.name end as name) as n
        where p.workflow = changed_keys.workflow and p.key_type is not null
            and p.state in ('same', 'renamed', 'replaced')
    ) as k
    where k.state = 'replaced' or not unwind_internal.is_wider(k.key_type, k.former)
$$;
