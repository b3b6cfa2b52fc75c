-- The one statement that undoes runs in captured tables (render_undo), and whether it did what there was to do. Then
-- the user's deferred constraints say now what they would say at the commit; and where code of the user's may have
-- changed rows, it looks once more.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW007, UW011, UW014.
create or replace function unwind_internal.restore_rows(
    tables unwind_internal.captured_tables [], names regclass [], numbers bigint [], skipping boolean, replaced int []
)
returns unwind_internal.image_receipt []
language plpgsql
as $$
declare
    v_row unwind_internal.table_outcome;
    v_receipts unwind_internal.image_receipt [] := '{}';
    v_skipped bigint [] := pg_catalog.array_fill(0::bigint, array[pg_catalog.cardinality(names)]);
    v_all pg_catalog.text;
    v_deferred pg_catalog.text;
    v_left bigint;
    v_bad pg_catalog.text;
begin
    for v_row in execute unwind_internal.render_undo(tables, replaced) using numbers, skipping loop
        if v_row.is_refused and not skipping then
            perform unwind_internal.raise_changed_since(numbers);
        end if;
        if v_row.link is not null then
            perform unwind_internal.raise_dragged(v_row.dragged, v_row.link, v_row.is_back);
        end if;
        perform unwind_internal.assert_restored(
            names[v_row.place],
            v_row.all_deletes operator(pg_catalog.+)
            case when v_row.place operator(pg_catalog.=) any(replaced) then v_row.all_updates else 0 end,
            v_row.deleted, v_row.all_updates operator(pg_catalog.+) v_row.all_inserts, v_row.restored, v_row.bad
        );
        v_skipped[v_row.place] := v_row.all_conflicts;
        v_receipts := pg_catalog.array_append(v_receipts, row(
            unwind_internal.qualified_name(names[v_row.place]), v_row.run, v_row.deletes, v_row.updates, v_row.inserts,
            v_row.conflicts
        )::unwind_internal.image_receipt);
    end loop;
    select c.all_of_them, c.initially_deferred into v_all, v_deferred
    from unwind_internal.deferrable_constraints(names) as c;
    if v_all is not null then
        execute pg_catalog.format('set constraints %s immediate', v_all);
    end if;
    if v_deferred is not null then
        execute pg_catalog.format('set constraints %s deferred', v_deferred);
    end if;
    for v_place in 1..pg_catalog.cardinality(names) loop
        continue when not unwind_internal.has_user_code(names[v_place]);
        execute unwind_internal.render_left_over(tables[v_place]) into v_left, v_bad using numbers;
        if v_left operator(pg_catalog.<>) v_skipped[v_place] then
            perform unwind_internal.raise_revert_refused(
                names[v_place], v_bad, 'A trigger has changed the row, or another one, after it was restored.'
            );
        end if;
    end loop;
    return v_receipts;
end
$$;
