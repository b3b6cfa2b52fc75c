-- The columns of a link, child's and then parent's, in the order in which foreign_keys has them: the same for the same
-- link, whatever order it is named in.
create or replace function unwind_internal.link_columns(child_columns text [], parent_columns text [])
returns text []
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select array_agg(u.child order by u.child collate "C") || array_agg(u.parent order by u.child collate "C")
    from unnest(link_columns.child_columns, link_columns.parent_columns) as u (child, parent)
$$;
