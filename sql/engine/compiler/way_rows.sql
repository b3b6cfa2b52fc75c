-- The rows t into which a way leads, as FROM items beside its target, and condition. Where the anchor k is joined, the
-- given FROM item holds it or, else, the variables of the generated function.
create or replace function unwind_internal.way_rows(
    way unwind_internal.plan_ways, form text, held_by text default null
)
returns table (sources text, condition text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select
        nullif(concat_ws(', ',
            case
                when form = 'joined' then format('%s as k (%srun_id)',
                    coalesce(held_by, unwind_internal.anchor_arrays(a)), unwind_internal.anchor_columns(a))
            end,
            nullif(w.sources, '')
        ), ''),
        w.condition
    from unwind_internal.plan_statement((way).workflow, unwind_internal.way_anchor(way)) as a
    cross join unwind_internal.render_way(way, 't', form) as w
    where a.ordinal is not null; -- keys and calls have no way
end
$$;
