-- What a trigger function that is stale executes once, in place of its own statement.
-- SECURITY DEFINER, for it is called for whoever writes to the table; it tells columns, and nothing else.
create or replace function unwind_internal.images_statement(log_name text, operation text)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select unwind_internal.render_images(
        c, images_statement.operation, '$1',
        case when c.by_row then '($2)' else 'old_rows' end, case when c.by_row then '($3)' else 'new_rows' end
    )
    from unwind_internal.captured_tables as c
    where c.log_name = images_statement.log_name
$$;
