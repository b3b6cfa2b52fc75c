-- Triggers of capture that are missing or switched off, in partitions too; and triggers of the user's that may change
-- a row that comes back, unless they ask for unwind.undoing.
create or replace function unwind_internal.check_captured_triggers()
returns table (severity text, code text, object text, message text, fix text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with places as materialized (
        select c.table_name as root, c.by_row, p.relid as name
        from unwind_internal.all_captured() as c
        cross join lateral (
            select c.table_name as relid
            union
            select t.relid from pg_partition_tree(c.table_name) as t
        ) as p
        where exists (select from pg_class as t where t.oid = c.table_name)
    ),

    wanted as (
        select p.root, p.name, 'unwind_capture_' || o.name as trigger_name
        from places as p
        cross join unnest(
            case when p.by_row then '{row,truncate}'::text [] else '{insert,update,delete,truncate}' end
        ) as o (name)
    )

    select
        'error', 'not_captured', w.name::text,
        format('trigger %s of %s is %s: what a run does there is not kept', w.trigger_name, w.name,
            case when g.oid is null then 'missing' else 'switched off' end),
        format('select unwind.capture_table(%L);', w.root)
    from wanted as w
    left join pg_trigger as g on g.tgrelid = w.name and g.tgname = w.trigger_name
    where g.tgenabled is distinct from 'A'
    union all
    select
        'warning', 'rewriting_trigger', p.name::text,
        format('trigger %I of %s may change a row that comes back, which is refused (UW014)', g.tgname, p.name),
        'its condition: when (current_setting(''unwind.undoing'', true) is distinct from ''on'')'
    from places as p
    inner join pg_trigger as g on g.tgrelid = p.name
    inner join pg_proc as f on f.oid = g.tgfoid
    where not g.tgisinternal and g.tgparentid = 0 and g.tgenabled <> 'D'
        and g.tgtype & 3 = 3 and g.tgtype & 20 <> 0 -- before, for each row; of inserts or updates
        and position('unwind.undoing' in pg_get_triggerdef(g.oid) || f.prosrc) = 0
$$;
