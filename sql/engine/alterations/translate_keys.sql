-- Recorded keys of a root whose key columns give way to others of the same names: by the rows, which have both. A key
-- that finds no row by the former columns was recorded ahead or has lost its row, and stays.
-- Errors: UW009 where a key would be lost, or find the row of another.
create or replace function unwind_internal.translate_keys(root unwind.step_roots)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = off
as $$
declare
    v_now unwind.plan_statements := unwind_internal.present_root(root);
    v_former unwind.plan_statements;
begin
    root.key_columns := unwind_internal.kept_columns(root.root_table, root.key_columns);
    v_former := unwind_internal.present_root(root);
    execute format(
        'insert into unwind_internal.key_moves (run_id, step, entity_key, new_key)
        select distinct l.run_id, l.step, l.entity_key, array[%s]
        from unwind_internal.ledger as l
        inner join unwind.workflow_runs as r on r.id = l.run_id
        inner join %s as t on %s = unwind_internal.owned_key($1, l.entity_key)
        where r.workflow = $1.workflow and l.step = $1.step
            and l.entity_key = unwind_internal.read_key(array[$1], l.entity_key)',
        (
            select string_agg(
                format('unwind_internal.key_text(t.%I::%s)', c.name, unwind_internal.column_type(v_now.target, c.name)),
                ', ' order by c.n
            )
            from unnest(v_now.columns) with ordinality as c (name, n)
        ),
        v_now.target, unwind_internal.render_identities(v_former, 't')
    ) using v_former;
    -- Lost: a row without a value in the new columns; a key of several roots that changes in one.
    update unwind_internal.key_moves as m
    set new_key = '{}'
    where array_position(m.new_key, null) is not null
        or m.new_key <> m.entity_key and (
            select count(*) > 1 from unwind.step_roots as r where r.workflow = root.workflow and r.step = root.step
        );
    -- And a key without a row by the former columns that finds one by the new: it is not the run's.
    execute format(
        'insert into unwind_internal.key_moves (run_id, step, entity_key, new_key)
        select l.run_id, l.step, l.entity_key, ''{}''
        from unwind_internal.ledger as l
        inner join unwind.workflow_runs as r on r.id = l.run_id
        where r.workflow = $1.workflow and l.step = $1.step
            and l.entity_key = unwind_internal.read_key(array[$1], l.entity_key)
            and not exists (
                select from unwind_internal.key_moves as m
                where m.run_id = l.run_id and m.step = l.step and m.entity_key = l.entity_key
            )
            and exists (select from %s as t where %s = unwind_internal.owned_key($1, l.entity_key))',
        v_now.target, unwind_internal.render_identities(v_now, 't')
    ) using v_now;
    perform unwind_internal.move_keys();
    perform unwind_internal.settle_lost_keys(
        root.root_table, false, 'has no row of its own by the columns that have the names now',
        format('select unwind_internal.keep_columns(%L);', root.root_table)
    );
end
$$;
