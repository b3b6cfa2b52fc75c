-- After rows were restored the user's deferred constraints say now what they would say at the commit; and where code of
-- the user's may have changed rows, it is looked once more. skipped: rows that were left as they are, per table.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW014.
create or replace function unwind_internal.hear_user(
    undo unwind_internal.kept_undos, numbers bigint [], skipped bigint []
)
returns void
language plpgsql
as $$
declare
    v_left bigint;
    v_bad pg_catalog.text;
begin
    if undo.all_deferrable is not null then
        execute pg_catalog.format('set constraints %s immediate', undo.all_deferrable);
    end if;
    if undo.initially_deferred is not null then
        execute pg_catalog.format('set constraints %s deferred', undo.initially_deferred);
    end if;
    for v_place in 1..pg_catalog.cardinality(undo.left_over) loop
        continue when undo.left_over[v_place] is null;
        execute undo.left_over[v_place] into v_left, v_bad using numbers;
        if v_left operator(pg_catalog.<>) skipped[v_place] then
            perform unwind_internal.raise_revert_refused(
                undo.names[v_place], v_bad, 'A trigger has changed the row, or another one, after it was restored.'
            );
        end if;
    end loop;
end
$$;
