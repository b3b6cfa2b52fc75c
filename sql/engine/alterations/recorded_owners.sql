-- Who has recorded which entity of a table, as entity_owners has it: by its roots in all workflows, with keys that
-- can be read. A run holds its entities until it is COMPENSATED.
create or replace function unwind_internal.recorded_owners(tbl regclass)
returns table (key_columns text [], entity_key text [], run_id text, holds boolean, recorded_at timestamptz)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with roots as materialized (
        select r.workflow, r.step, unwind_internal.present_root(r) as root
        from unwind.step_roots as r
        where r.root_table = recorded_owners.tbl and unwind_internal.is_whole(r)
    )

    select
        (s.root).columns,
        unwind_internal.owned_key(s.root, l.entity_key),
        l.run_id,
        w.status <> 'COMPENSATED',
        l.recorded_at
    from roots as s
    inner join unwind.workflow_runs as w on w.workflow = s.workflow
    inner join unwind_internal.ledger as l on l.run_id = w.id and l.step = s.step
    where l.released_at is null
        and l.entity_key = unwind_internal.read_key(array[s.root], l.entity_key)
$$;
