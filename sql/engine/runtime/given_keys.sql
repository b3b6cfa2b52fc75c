-- Entity keys given together, each with its place: of an array of one dimension each element is a key of one value, of
-- an array of two each row is a key.
-- Errors: UW009.
create or replace function unwind_internal.given_keys(entity_keys text [])
returns table (place bigint, entity_key text [])
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_width constant int := array_length(entity_keys, 2);
begin
    if entity_keys is null or array_ndims(entity_keys) > 2 then
        raise 'entity keys are given as an array of one or two dimensions'
        using errcode = 'UW009',
            detail = coalesce('This one has ' || array_ndims(entity_keys) || '.', 'This is null.'),
            hint = '''{a,b}'' and ''{{a},{b}}'' are two keys of one value; ''{{a,1},{b,2}}'' are two keys of two.';
    end if;
    if coalesce(v_width, 1) = 1 then
        return query
        select e.place, array[e.value] from unnest(entity_keys) with ordinality as e (value, place);
        return;
    end if;
    return query
    select (e.n - 1) / v_width + 1 as place, array_agg(e.value order by e.n)
    from unnest(entity_keys) with ordinality as e (value, n)
    group by 1
    order by 1;
end
$$;
