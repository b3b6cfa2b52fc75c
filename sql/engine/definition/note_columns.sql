-- Keeps what the names in a definition mean when it is made, for it is compiled later: see assert_as_defined. Where
-- nothing is to be compiled nobody would ask.
create or replace function unwind_internal.note_columns(tbl regclass, columns text [])
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    insert into unwind_internal.defined_columns (tbl, table_name, name, number)
    select note_columns.tbl, note_columns.tbl::text, a.attname, a.attnum
    from pg_attribute as a
    where a.attrelid = note_columns.tbl and a.attname = any(note_columns.columns) and a.attnum > 0
        and exists (select from unwind_internal.uncompiled_workflows as u)
    on conflict on constraint defined_columns_pkey do nothing
$$;
