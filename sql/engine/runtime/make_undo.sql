-- The undo of runs in captured tables as a query for this occasion, once their rows are locked; of nothing where they
-- have no images.
-- Errors: UW011; 42501.
create or replace function unwind_internal.make_undo(
    numbers bigint [], skipping boolean, replaced int [], out undo unwind_internal.kept_undos, out query text
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_tables unwind_internal.captured_tables [] := array(
        select t from unwind_internal.touched_tables(numbers, skipping) as t order by t.log_name
    );
begin
    if v_tables <> '{}' then
        perform unwind_internal.lock_captured_rows(v_tables, numbers);
        undo := unwind_internal.prepare_undo(v_tables);
        query := unwind_internal.render_undo(v_tables, replaced);
    end if;
end
$$;
