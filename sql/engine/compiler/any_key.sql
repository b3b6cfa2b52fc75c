-- Where nobody asks whose a row was, an anchor of one column needs no join: the statement compares with any
-- element of its array, and PostgreSQL reads the index in key order; on the short cut for one run, with the one
-- key that a step has. Wider anchors are joined as ever.
create or replace function unwind_internal.any_key(statement unwind.plan_statements, short_cut boolean default false)
returns table (sources text, condition text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        case
            when n.is_narrow then nullif((any_key.statement).sources, '')
            else unwind_internal.render_sources(any_key.statement, unwind_internal.anchor_arrays(a))
        end,
        case
            -- A rendered way ends with the comparison to its anchor.
            when n.is_narrow
                then regexp_replace(
                    (any_key.statement).condition, 'k\.c1$',
                    format(
                        case when any_key.short_cut and a.action = 'keys' then '%s_c1[1]' else 'any(%s_c1)' end,
                        unwind_internal.anchor(a)
                    )
                )
            else (any_key.statement).condition
        end || unwind_internal.render_as_compiled(any_key.statement)
    from unwind_internal.anchor_of(any_key.statement) as a
    cross join lateral (
        -- Not so where the key is cast on the way (carried_type).
        select cardinality(a.types) = 1 and (any_key.statement).condition ~ 'k\.c1$' as is_narrow
    ) as n
$$;
