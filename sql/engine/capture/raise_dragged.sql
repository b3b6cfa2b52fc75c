-- A row would go along by itself, by a foreign key that cascades or clears: one of somebody else's, or one that comes
-- back.
-- Errors: UW007, UW014.
create or replace function unwind_internal.raise_dragged(
    table_name text, link text, is_back boolean, numbers bigint []
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if is_back then
        raise 'a row of % that has to come back refers to one that has to go', table_name
        using errcode = 'UW014',
            detail = format('The foreign key %s would take it along, or clear it.', link),
            hint = 'Look at both, and mend one: ' || unwind_internal.call_to_find_changes(numbers[1]),
            table = table_name;
    end if;
    raise 'rows of % still refer to what would be deleted', table_name
    using errcode = 'UW007',
        detail = format('The foreign key %s would take them along, or clear them, and they are not of the run.', link),
        hint = 'Undo first the runs that made them.',
        table = table_name;
end
$$;
