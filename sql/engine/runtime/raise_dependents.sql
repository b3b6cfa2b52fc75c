-- Rows refer to what would be deleted, and would stay. Bare from a generated function, at the first of them; with the
-- rows by name from raise_blocked.
-- Errors: UW007, always.
create or replace function unwind_internal.raise_dependents(
    dependent text, run_ids text [], columns text [] default null, row_count bigint default null,
    keys text default null, owners text [] default '{}'
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise 'rows of % still refer to what would be deleted%', dependent, coalesce(format(' (count: %s)', row_count), '')
    using errcode = 'UW007',
        detail = format('Rows that are in the way: %s.', coalesce(keys, 'those that this undo itself left or wrote')),
        hint = concat_ws(E'\n',
            format('To see all: select * from unwind.preview_run(%L);', run_ids[1]),
            case when owners <> '{}'
                then 'To undo their runs too: ' || unwind_internal.call_to_undo(run_ids || owners) end,
            (
                select format(
                    'If they belong to what goes: select unwind.declare_foreign_key(%L, %L, %L, %L, ''cascade'');',
                    f.child_table::text, f.child_columns, f.parent_table::text, f.parent_columns
                )
                from unwind_internal.foreign_keys as f
                where f.child_table = to_regclass(dependent) and f.child_columns = raise_dependents.columns
                    and f.on_delete = 'restrict'
                order by f.parent_table::text
                limit 1
            ),
            'To keep what they refer to: select unwind.release_entity(run_id, step, variadic key);'
        ),
        table = dependent;
end
$$;
