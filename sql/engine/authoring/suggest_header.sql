-- The opening comment of a suggested script: how to run it, and what to decide before.
create or replace function unwind_internal.suggest_header(root_table regclass, key_columns text [])
returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    values
    (format('-- A workflow for %s (%s), as the catalog suggests it. Read it, change it, then run it:',
        root_table, array_to_string(key_columns, ', '))),
    ('--     psql -1 -v ON_ERROR_STOP=1 -f <this file>'),
    ('--'),
    ('-- Strike out? A foreign key that is declared ''cascade'' here does not say in the schema what becomes of a row'),
    ('-- whose parent goes. Its columns are NOT NULL, so the row cannot stay alone, or unique together with others,'),
    ('-- so it is one of its parent''s own. Strike out those whose rows are not yours to delete, or say ''restrict'':'),
    ('-- then the whole compensation is refused (UW007) while there are such rows.'),
    ('-- Take in? Where the column may be null, or only the names are alike, the row can stay. Such lines are'),
    ('-- commented out. Take in what belongs together, run this, and suggest again: what hangs below follows then.'),
    ('-- A declaration holds for every workflow in this database.')
$$;
