-- What to type to see what an undo of this run, or of its undo (a negative number), would do.
create or replace function unwind_internal.call_to_find_changes(number bigint)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        'select * from unwind.find_changes(%L%s);',
        (select r.id from unwind.workflow_runs as r where r.number = abs(call_to_find_changes.number)),
        case when call_to_find_changes.number < 0 then ', of_undo => true' end
    )
$$;
