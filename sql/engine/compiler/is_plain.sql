-- Whether a run can be undone by the function for one run: its deletes compare with the one key that each step has, and
-- their row counts are the receipts. A custom step says itself whose its rows were, and so do tables that refer to each
-- other and those whose rows are kept elsewhere; and where the undo looks again, rows go in several passes. 100: a
-- function takes no more arguments.
create or replace function unwind_internal.is_plain(workflow text)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select not unwind_internal.looks_again(is_plain.workflow)
    and count(*) filter (where p.action = 'keys') between 1 and 100
    and not coalesce(bool_or(
        p.action = 'call'
        or p.component is not null
        or (p.action in ('delete', 'set null') and unwind_internal.is_kept_elsewhere(p.target))
    ), false)
    from unwind.plan_statements as p
    where p.workflow = is_plain.workflow
$$;
