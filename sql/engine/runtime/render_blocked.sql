-- The rows t of a refusal or a guard that block an undo of these runs, as FROM item and condition; over the anchors as
-- CTEs (render_anchors).
create or replace function unwind_internal.render_blocked(statement unwind.plan_statements, run_ids text [])
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select unwind_internal.render_rows(statement, 'delete') || case (statement).action
        when 'guard' then format(
            ' and %s is not null', unwind_internal.render_guarded(statement, format('%L::text[]', run_ids))
        )
        else ''
    end
$$;
