-- How a statement that need not say whose its rows were compares with an anchor: with the scalars that a generated
-- function for one run holds of a key; with any element of an array, for then PostgreSQL needs no join and reads the
-- index in key order; or joined with it, where it has several columns or its values are cast as they are read.
create or replace function unwind_internal.anchor_form(anchor unwind.plan_statements, one boolean)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return case
        when one and (anchor).action = 'keys' then 'scalars'
        when cardinality((anchor).types) = 1 and unwind_internal.carried_type((anchor).types[1]) = (anchor).types[1]
            then 'elements'
        else 'joined'
    end;
end
$$;
