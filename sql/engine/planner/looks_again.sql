-- Whether an undo of the workflow looks again, once it has deleted, for rows that the user's own code kept or wrote.
create or replace function unwind_internal.looks_again(workflow text)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (select w.looks_again from unwind.workflows as w where w.workflow = looks_again.workflow);
end
$$;
