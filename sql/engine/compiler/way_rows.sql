-- The rows t into which a way leads, as FROM items beside its target, and condition; nulls where there is none, as of
-- keys and calls. Where the anchor k is joined, the given FROM item holds it or, else, the variables of the generated
-- function.
create or replace function unwind_internal.way_rows(
    way unwind_internal.plan_ways, form text, held_by text default null, out sources text, out condition text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_way constant record := unwind_internal.render_way(way, 't', form);
    v_anchor unwind.plan_statements;
begin
    sources := v_way.sources;
    condition := v_way.condition;
    if form = 'joined' then
        v_anchor := unwind_internal.plan_statement((way).workflow, (way).anchor);
        sources := concat_ws(', ', format(
            '%s as k (%srun_id)',
            coalesce(held_by, unwind_internal.anchor_arrays(v_anchor)), unwind_internal.anchor_columns(v_anchor)
        ), sources);
    end if;
end
$$;
