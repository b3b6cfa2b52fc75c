-- The number of the newest file in sql/engine/steps that this installation has run.
create or replace function unwind.schema_version()
returns int
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select 2
$$;
comment on function unwind.schema_version() is 'The number of the newest installed step of the schema.';
