-- Names the tables that refer to each other in a circle: those that reach themselves.
create or replace function unwind_internal.raise_cycle(
    workflow text, step text, tables regclass [], children regclass [], parents regclass []
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_cycle text;
begin
    with recursive reach (origin, name) as (
        select f.child, f.parent
        from unnest(children, parents) as f (child, parent)
        where f.child = any(tables) and f.parent = any(tables)
        union
        select r.origin, f.parent
        from reach as r
        inner join unnest(children, parents) as f (child, parent) on f.child = r.name and f.parent = any(tables)
    )

    select string_agg(r.origin::text, ', ' order by r.origin::text) into v_cycle
    from reach as r
    where r.origin = r.name;
    raise 'step % of workflow % cannot be ordered: % refer to each other in a circle',
        quote_literal(step), quote_literal(workflow), v_cycle
    using errcode = 'UW009',
        detail = 'Children go before parents, and in a circle every table is both.',
        hint = 'Declare one link of the circle ''set null'' with unwind.declare_foreign_key, '
            'or undo the step by a function of your own with unwind.define_custom_step.';
end
$$;
