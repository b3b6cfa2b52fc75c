-- Tables that were partitions of one that the plan deletes from, and are not now: what runs have left in them stays.
create or replace function unwind_internal.check_detached(workflow text)
returns table (severity text, code text, object text, message text, fix text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        'warning',
        'detached_partition',
        k.part::text,
        format('%s was a partition of %s, and is not undone with it any more: rows that runs have left in it stay',
            k.part, k.target),
        format('delete from unwind_internal.known_partitions where part = %L::regclass; '
            '-- if no run can have rows there; or attach it again; or drop it', k.part)
    from unwind_internal.known_partitions as k
    inner join pg_class as c on c.oid = k.part
    where k.target in (
            select t.target from unwind_internal.planned_tables as t where t.workflow = check_detached.workflow
        )
        and not exists (select from pg_partition_ancestors(k.part) as a where a.relid = k.target)
    order by 3
$$;
