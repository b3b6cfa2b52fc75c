-- Keeps under which columns a workflow's plan owns entities, for as long as any are owned: see owner_keys.
create or replace function unwind_internal.note_owning_columns(workflow text)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    insert into unwind_internal.owning_columns (root_table, key_columns)
    select distinct p.target, p.columns
    from unwind.plan_statements as p
    where p.workflow = note_owning_columns.workflow and p.action = 'keys'
    on conflict on constraint owning_columns_pkey do nothing
$$;
