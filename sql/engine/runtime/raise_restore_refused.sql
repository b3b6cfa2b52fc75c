-- PostgreSQL, or a trigger, refused a row that had to go or come back; not where it says so by a SQLSTATE of its own.
-- Errors: UW007, where rows still refer to what would be deleted; else UW014.
create or replace function unwind_internal.raise_restore_refused(
    original text, message text, detail text, schema_name text, table_name text, constraint_name text
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_table constant text := coalesce(
        quote_ident(nullif(schema_name, '')) || '.' || quote_ident(nullif(table_name, '')), 'a captured table'
    );
begin
    if original in ('23503', '23001') and message not like 'insert or update%' then
        raise 'rows of % still refer to what would be deleted', v_table
        using errcode = 'UW007',
            detail = format('[%s] %s. %s', original, message, detail),
            hint = 'Undo first the runs that made them.',
            table = v_table,
            constraint = constraint_name;
    end if;
    raise 'a row of % does not come back as it was: %', v_table, message
    using errcode = 'UW014',
        detail = format('[%s] %s', original, concat_ws('. ', message, nullif(detail, ''))),
        hint = 'What it lacks, or what is in its way, is not the run''s: mend it by hand, or undo the run that did it.',
        table = v_table,
        constraint = constraint_name;
end
$$;
