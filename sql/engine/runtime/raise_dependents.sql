-- Errors: UW007, always.
create or replace function unwind_internal.raise_dependents(
    dependent text, columns text, row_count bigint, sample_key text, run_ids text []
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise 'rows of % still refer to what would be deleted (count: %)', dependent, row_count
    using errcode = 'UW007',
        detail = format(
            'Key (%s)=(%s)%s.', columns, sample_key, case when row_count > 1 then ', among others' else '' end
        ),
        hint = format(
            'Undo first the runs that made them, or all at once where they depend on each other '
            '(unwind.compensate_runs): select * from unwind.entity_owners where run_id <> all (%1$L); '
            'or, if they belong to these rows: select unwind.declare_foreign_key(%2$L, ...); '
            'or keep what they refer to, by unwind.release_entity(run_id, step, key): '
            'select run_id, step, entity_key from unwind.run_steps where run_id = any (%1$L);',
            run_ids::text, dependent
        ),
        table = dependent;
end
$$;
