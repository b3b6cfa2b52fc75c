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
    -- Where each root has one column, and that of a type which has a pattern; of a text there is nothing to be matched.
    v_patterns constant text [] := (
        select case
            when bool_and(r.action = 'keys' and cardinality(r.full_types) = 1)
                then coalesce(array_agg(p.pattern) filter (where p.pattern is distinct from ''), '{}')
        end
        from unnest(roots) as r
        cross join unwind_internal.key_pattern(r.full_types[1]) as p (pattern)
    );
begin
    return array(
        select k.entity_key
        from (
            select g.place,
                case
                    when g.entity_key[1] is not null and cardinality(g.entity_key) = 1
                        and g.entity_key[1] ~ all(v_patterns)
                        then g.entity_key::text
                    else unwind_internal.common_key(roots, g.entity_key)::text
                end as entity_key
            from unwind_internal.given_keys(entity_keys) as g
        ) as k
        group by k.entity_key
        order by min(k.place)
    );
end
$$;
