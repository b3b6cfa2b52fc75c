-- The name of a column if it is one that the undo would set back, or for which it cannot: else null.
create or replace function unwind_internal.render_difference(place int, added smallint, name text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        'case c.action '
        'when ''update'' then case when c.is_there%4$s and not row(c.f%1$s)::record *= row(c.t%1$s) then %2$L end '
        'when ''conflict'' then case when c.l_run is not null and c.is_there%3$s '
        'and not row(c.t%1$s)::record *= row(c.l%1$s) then %2$L end end',
        place, name, case when added > 1 then format(' and c.l_shape >= %s', added) else '' end,
        case when added > 1 then format(' and c.f_shape >= %s', added) else '' end
    )
$$;
