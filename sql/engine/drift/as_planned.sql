-- Part of the condition of every generated statement: true, or an error where its table, which the digest stands for,
-- is not as it was when the workflow was compiled. Declared immutable, which it is not, on purpose: so PostgreSQL
-- calls it when it plans the statement, under the lock on the table that the statement takes, and leaves only "true"
-- in the plan. It plans anew when the table changes in any way (a column, a trigger, a foreign key that points at
-- it), and at no other time. So drift is found without a look at the catalog on every call, and nothing can come in
-- between.
-- Errors: UW009.
create or replace function unwind_internal.as_planned(workflow text, digest text)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.assert_table_as_planned(workflow, digest);
    return true;
end
$$;
