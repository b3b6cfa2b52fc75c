-- Undoes runs that only inserted in captured tables by their kept undo (render_inserted), and then hears the user
-- (hear_user). images: how many they have, per table. is_mirrored: see undo_mirrored; then the user has nothing to say
-- but by deferrable constraints. Null where it did nothing, for a table has changed.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW014; ZZ001, where it takes another way.
create or replace function unwind_internal.restore_inserted(
    undo unwind_internal.kept_undos, numbers bigint [], images bigint [], is_mirrored boolean default false
)
returns unwind_internal.image_receipt []
language plpgsql
as $$
declare
    v_counts bigint [];
    v_receipts unwind_internal.image_receipt [];
begin
    execute pg_catalog.format('select unwind_compiled.%I($1, $2, $3, $4)', undo.function_name)
    into v_counts
    using numbers, images, undo.state, is_mirrored;
    if v_counts is null then
        perform unwind_internal.kept_undo(undo.log_names, true, again => true);
        return null;
    end if;
    if undo.all_deferrable is not null or not is_mirrored then
        perform unwind_internal.hear_user(undo, numbers, pg_catalog.array_fill(0::bigint, array[
            pg_catalog.cardinality(undo.names)
        ]));
    end if;
    if pg_catalog.cardinality(numbers) operator(pg_catalog.=) 1 then
        return array(
            select row(c.label, numbers[1], c.n, 0, 0, 0)::unwind_internal.image_receipt
            from rows from (pg_catalog.unnest(undo.labels), pg_catalog.unnest(v_counts)) as c (label, n)
            where c.n operator(pg_catalog.>) 0
        );
    end if;
    -- Of each run as many rows as it has images, for all are gone.
    execute pg_catalog.format('select array(%s)', (
        select pg_catalog.string_agg(
            pg_catalog.format(
                'select row(%L, l."~run", pg_catalog.count(*), 0, 0, 0)::unwind_internal.image_receipt '
                'from unwind_captured.%I as l where l."~run" operator(pg_catalog.=) any($1) group by l."~run"',
                t.label, 'images of ' operator(pg_catalog.||) t.log_name
            ), ' union all '
        )
        from rows from (pg_catalog.unnest(undo.labels), pg_catalog.unnest(undo.log_names)) as t (label, log_name)
    ))
    into v_receipts
    using numbers;
    return v_receipts;
end
$$;
