-- What undoing the run would do in captured tables: the dry run, a line per row. of_undo: what taking its undo back
-- would; that of all the runs which were undone together. on_conflict merge: what merging would; before is then what
-- the row would be.
-- Errors: UW001, UW009, UW011; 42501 where the caller may not read a table.
create or replace function unwind.find_changes(
    run_id text, of_undo boolean default false, on_conflict text default 'refuse'
)
returns table (
    table_name text, row_key text, action text, changed_columns text [], changed_by text,
    before jsonb, after jsonb, now jsonb
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_number bigint;
begin
    perform unwind_internal.assert_choice(on_conflict);
    select r.number into v_number from unwind.workflow_runs as r where r.id = find_changes.run_id;
    if not found then
        perform unwind_internal.raise_run_not_found(run_id);
    end if;
    return query
    select
        c.table_name, c.row_key, c.action, c.changed_columns, array_to_string(nullif(c.changed_by, '{}'), ', '),
        c.before, c.after, c.now
    from unwind_internal.changes(
        case when of_undo then unwind_internal.undo_of(v_number) else array[v_number] end,
        merging => on_conflict = 'merge'
    ) as c;
end
$$;
comment on function unwind.find_changes(text, boolean, text) is
'What undoing the run would do in captured tables, a line per row: action is delete, update, insert or conflict (the '
'row was changed since, in changed_columns, changed_by which runs); before, after and now: the row as the run found '
'it, as it left it and as it is. of_undo: what restore_run would do. on_conflict: refuse, skip '
'or merge. Errors: UW001, UW009, UW011, 42501.';
