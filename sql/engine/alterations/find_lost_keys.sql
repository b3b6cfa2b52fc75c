-- Puts recorded keys of a root that find no row in its table, once they are read anew, into key_moves; of a table
-- that took the place of a former one, those that find a row there. They are compared as owners are, by a text that
-- is the same for equal values, whatever the type. Rows that a policy would hide are an error.
create or replace function unwind_internal.find_lost_keys(
    root unwind.plan_statements, former unwind.plan_statements default null
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = off
as $$
begin
    execute format(
        'insert into unwind_internal.key_moves (run_id, step, entity_key, new_key)
        select l.run_id, l.step, l.entity_key, ''{}''
        from unwind_internal.ledger as l
        inner join unwind.workflow_runs as r on r.id = l.run_id
        cross join lateral (select unwind_internal.read_key(array[$1], l.entity_key) as key offset 0) as n
        where r.workflow = $1.workflow and l.step = $1.step and r.status <> ''COMPENSATED''
            and l.compensated_at is null and l.released_at is null
            and n.key is not null
            and not exists (select from %s as t where %s = unwind_internal.owned_key($1, n.key))',
        root.target, unwind_internal.render_identities(root, 't')
    ) || case
        when former.target is null then ''
        else format(
            ' and exists (select from %s as t where %s = unwind_internal.owned_key($2, l.entity_key))',
            former.target, unwind_internal.render_identities(former, 't')
        )
    end using root, former;
end
$$;
