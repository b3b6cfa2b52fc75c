-- The keys given together, each once and as common_key has it, as texts of arrays and in the order in which they were
-- given. A key of one value that is written as a plain type writes it is taken as it is.
-- Errors: UW009, for the first key that is none.
create or replace function unwind_internal.common_keys(roots unwind.plan_statements [], entity_keys text [])
returns text []
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    -- One value each, and all of them of types that have a pattern.
    v_patterns constant text [] := (
        select case
            when bool_and(r.action = 'keys' and cardinality(r.full_types) = 1)
                then array_agg(unwind_internal.key_pattern(r.full_types[1]))
        end
        from unnest(roots) as r
    );
begin
    return array(
        select k.entity_key::text
        from (
            select g.place,
                case
                    when g.entity_key[1] ~ all(v_patterns) and cardinality(g.entity_key) = 1 then g.entity_key
                    else unwind_internal.common_key(roots, g.entity_key)
                end as entity_key
            from unwind_internal.given_keys(entity_keys) as g
        ) as k
        group by k.entity_key
        order by min(k.place)
    );
end
$$;
