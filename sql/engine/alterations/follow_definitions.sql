-- Before a workflow is planned anew: definitions, recorded keys and their owners follow what has become of the tables
-- and columns that they name. Gives the tables where something did, for other workflows know them too.
-- Errors: UW009 where a name could mean two things now, or a recorded key would be lost.
create or replace function unwind_internal.follow_definitions(workflow text)
returns regclass []
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_tables regclass [];
begin
    perform unwind_internal.assert_unambiguous(workflow);
    v_tables := array(
        select p.target from unwind_internal.planned_columns as p
        where p.workflow = follow_definitions.workflow and p.state = 'renamed'
        union
        select c.tbl from unwind_internal.changed_keys(follow_definitions.workflow) as c
    );
    perform unwind_internal.follow_renames(workflow);
    perform unwind_internal.follow_types(workflow);
    return v_tables;
end
$$;
