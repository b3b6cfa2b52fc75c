-- What the plans take the columns of a table to be, and what those columns are now: the witness of what a definition
-- meant, for it names columns and a name can come to mean another one. Numbers are trusted where the table has the
-- number that it had: a restored dump numbers both anew.
create or replace view unwind_internal.planned_columns as
select
    p.workflow,
    p.target,
    p.name,
    p.type,
    p.key_type,
    p.called,
    case
        when p.named is null and p.called is not null then 'renamed'
        when p.named is null then 'gone'
        when p.named = p.number or not p.is_trusted then 'same'
        when p.called is null then 'replaced'
        else 'taken'
    end as state
from (
    select
        t.workflow,
        t.target,
        c.name,
        c.type,
        c.key_type,
        c.number,
        n.attnum as named,
        r.attname::text as called,
        coalesce(t.target_oid = t.target::oid, false) as is_trusted
    from unwind_internal.planned_tables as t
    cross join lateral unnest(t.columns, t.types, t.numbers, t.key_types) as c (name, type, number, key_type)
    left join pg_catalog.pg_attribute as n
        on t.target = n.attrelid and c.name = n.attname
    left join pg_catalog.pg_attribute as r
        on t.target = r.attrelid and c.number = r.attnum and t.target_oid = t.target::oid and not r.attisdropped
) as p;
comment on view unwind_internal.planned_columns is
'The columns that plans use. state: same; renamed: called something else now; taken: called something else, and '
'another column has its name; replaced: dropped, and another column has its name; gone.';
