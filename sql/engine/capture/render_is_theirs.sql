-- That the runs changed a column of a row: what they found there, and what they left, differ, and both images know it.
create or replace function unwind_internal.render_is_theirs(place int, added smallint, changes text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '(%3$snot row(%1$s.f%2$s)::pg_catalog.record operator(pg_catalog.*=) row(%1$s.l%2$s))',
        changes, place,
        case when added > 1 then format(
            '%1$s.f_shape operator(pg_catalog.>=) %2$s and %1$s.l_shape operator(pg_catalog.>=) %2$s and ',
            changes, added
        ) end
    )
$$;
