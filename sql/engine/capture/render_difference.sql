-- The name of a column if it is one that the undo would set back, or for which it cannot: else null. Merging, it cannot
-- for one that the runs changed, and somebody else again.
create or replace function unwind_internal.render_difference(
    place int, added smallint, name text, is_ignored boolean, merging boolean
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        'case c.action '
        'when ''update'' then case '
        'when c.is_there%3$s and not row(c.f%1$s)::record *= row(c.t%1$s) then %2$L end%4$s end',
        place, name,
        case when added > 1 then format(' and c.f_shape >= %s', added) else '' end,
        case when not is_ignored then format(
            ' when ''conflict'' then case when c.l_run is not null and c.is_there%2$s%3$s '
            'and not row(c.t%1$s)::record *= row(c.l%1$s) then %4$L end',
            place,
            case when added > 1 then format(' and c.l_shape >= %s', added) else '' end,
            case when merging then format(
                ' and (c.f_run is null or c.is_tangled or %s and not row(c.t%s)::record *= row(c.f%2$s))',
                unwind_internal.render_is_theirs(place, added, 'c'), place
            ) end,
            name
        ) end
    )
$$;
