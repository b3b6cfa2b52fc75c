-- What was done in a captured table is what there was to do: no trigger kept, changed or cancelled a row.
-- Errors: UW007, UW014.
create or replace function unwind_internal.assert_restored(
    tbl regclass, deletes bigint, deleted bigint, restores bigint, restored bigint, bad text
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if deleted <> deletes then
        raise 'rows of % were not deleted', tbl
        using errcode = 'UW007',
            detail = format('%s of %s went: a BEFORE DELETE trigger or a rule of the table kept the others.',
                deleted, deletes),
            hint = 'Let it pass while current_setting(''unwind.undoing'', true) is ''on''.',
            table = tbl::text;
    end if;
    if restored <> restores then
        perform unwind_internal.raise_revert_refused(tbl, bad, 'A trigger of the table changed or cancelled it.');
    end if;
end
$$;
