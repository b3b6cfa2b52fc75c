-- What a kept undo for runs that only inserted asks before it deletes rows of a captured table, which are locked:
-- whether a row that is not theirs refers to one of them, and would go along, or be changed, by itself. Null where no
-- foreign key does that. A statement of its own, for it has to see what others had committed by then.
create or replace function unwind_internal.render_taken_along(tables unwind_internal.captured_tables [], n int)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        E'    perform where %s;\n    if found then\n        raise sqlstate ''ZZ001'';\n    end if;\n',
        string_agg(
            format(
                $sql$exists (
            select from %s as x inner join unwind_captured.%I as p on %s
            where p."~run" operator(pg_catalog.=) any($1)%s
        )$sql$,
                d.child, 'images of ' || (tables[n]).log_name,
                (
                    select string_agg(
                        format('p.%I %s x.%I', (tables[render_taken_along.n]).columns[l.parent], l.operator, l.name),
                        ' and ' order by l.place
                    )
                    from unnest(d.parent_places, d.operators, d.columns)
                        with ordinality as l (parent, operator, name, place)
                ),
                case
                    when d.child_place is not null then format(
                        $sql$
                and not exists (
                    select from unwind_captured.%I as l where l."~run" operator(pg_catalog.=) any($1) and %s
                )$sql$,
                        'images of ' || (tables[d.child_place]).log_name,
                        unwind_internal.render_image_match(tables[d.child_place])
                    )
                    else ''
                end
            ), E'\n        or ' order by d.child::text, d.link
        )
    )
    from unwind_internal.drag_links(tables, n) as d
    where d.on_delete
    having count(*) > 0
$$;
