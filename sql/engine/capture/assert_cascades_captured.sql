-- Refuses tables whose rows take rows of an uncaptured table along, by a foreign key that cascades or clears:
-- the undo could not bring those back.
-- Errors: UW009.
create or replace function unwind_internal.assert_cascades_captured(table_names regclass [])
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_parent regclass;
    v_child regclass;
    v_all text;
begin
    with recursive links as (
        select
            coalesce(pg_partition_root(f.confrelid), f.confrelid::regclass) as parent,
            coalesce(pg_partition_root(f.conrelid), f.conrelid::regclass) as child
        from pg_constraint as f
        where f.contype = 'f' and f.conparentid = 0
            and (f.confdeltype in ('c', 'n', 'd') or f.confupdtype in ('c', 'n', 'd'))
    ),

    lacking (parent, child) as (
        select l.parent, l.child from links as l
        where l.parent = any(table_names)
            and l.child not in (select c.table_name from unwind_internal.captured_tables as c)
        union
        select l.parent, l.child from lacking as k
        inner join links as l on l.parent = k.child
        where l.child not in (select c.table_name from unwind_internal.captured_tables as c)
    )

    select
        (array_agg(k.parent order by k.parent::text, k.child::text))[1],
        (array_agg(k.child order by k.parent::text, k.child::text))[1],
        (
            select string_agg(quote_literal(t.name), ', ' order by t.name)
            from (select unnest(array_agg(k.parent::text) || array_agg(k.child::text)) as name union select null) as t
        )
    into v_parent, v_child, v_all
    from lacking as k;
    if v_child is not null then
        raise 'rows of % would take rows of % along, which is not captured', v_parent, v_child
        using errcode = 'UW009',
            detail = 'A foreign key cascades or clears on DELETE or UPDATE; what that changes could not be undone.',
            hint = format('Capture them together: select unwind.capture_table(%s);', v_all);
    end if;
end
$$;
