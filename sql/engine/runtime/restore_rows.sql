-- Undoes runs in captured tables by a query of rows as render_undo gives them, that of their kept undo if none is
-- given, and looks whether it did what there was to do; null where it did nothing, see render_kept. Then the user's say
-- is heard: hear_user. is_mirrored: see undo_mirrored; it is ZZ001 where a row was done already.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW007, UW011, UW014; ZZ001.
create or replace function unwind_internal.restore_rows(
    undo unwind_internal.kept_undos, numbers bigint [], on_conflict text, query text default null,
    replaced int [] default '{}', is_mirrored boolean default false
)
returns unwind_internal.image_receipt []
language plpgsql
as $$
declare
    v_skipping constant boolean := on_conflict operator(pg_catalog.=) 'skip';
    v_row unwind_internal.table_outcome;
    v_deletes bigint;
    v_restores bigint;
    v_receipts unwind_internal.image_receipt [] := '{}';
    v_skipped bigint [] := pg_catalog.array_fill(0::bigint, array[pg_catalog.cardinality(undo.names)]);
begin
    for v_row in
        execute coalesce(
            query, pg_catalog.format('select * from unwind_compiled.%I($1, $2, $3, $4)', undo.function_name)
        ) using numbers, v_skipping, undo.state, is_mirrored
    loop
        if v_row.place is null or v_row.place operator(pg_catalog.=) 0 then
            if v_row.place is not null then
                perform unwind_internal.kept_undo(undo.log_names, undo.inserted_only, again => true);
            end if;
            return null;
        end if;
        if v_row.is_refused and not v_skipping then
            perform unwind_internal.raise_changed_since(
                numbers, undo.log_names, on_conflict operator(pg_catalog.=) 'merge'
            );
        end if;
        if v_row.link is not null then
            perform unwind_internal.raise_dragged(v_row.dragged, v_row.link, v_row.is_back, numbers);
        end if;
        v_deletes := v_row.all_deletes;
        if v_row.place operator(pg_catalog.=) any(replaced) then
            v_deletes := v_deletes operator(pg_catalog.+) v_row.all_updates;
        end if;
        v_restores := v_row.all_updates operator(pg_catalog.+) v_row.all_inserts;
        -- No call where there is nothing to be said: it takes longer than the rest.
        if v_row.deleted operator(pg_catalog.<>) v_deletes or v_row.restored operator(pg_catalog.<>) v_restores then
            perform unwind_internal.assert_restored(
                undo.names[v_row.place], v_deletes, v_row.deleted, v_restores, v_row.restored, v_row.bad
            );
        end if;
        if is_mirrored and v_row.done operator(pg_catalog.>) 0 then
            raise sqlstate 'ZZ001';
        end if;
        v_skipped[v_row.place] := v_row.all_conflicts;
        continue when v_row.deletes operator(pg_catalog.+) v_row.updates operator(pg_catalog.+) v_row.inserts
            operator(pg_catalog.+) v_row.conflicts operator(pg_catalog.=) 0;
        v_receipts := pg_catalog.array_append(v_receipts, row(
            undo.labels[v_row.place], v_row.run, v_row.deletes, v_row.updates,
            v_row.inserts, v_row.conflicts
        )::unwind_internal.image_receipt);
    end loop;
    if undo.all_deferrable is not null or not is_mirrored then
        perform unwind_internal.hear_user(undo, numbers, v_skipped);
    end if;
    return v_receipts;
end
$$;
