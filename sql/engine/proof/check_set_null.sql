-- Links that would have to be cleared and cannot be: a column that is NOT NULL (PostgreSQL says 23502), or one whose
-- default refers to no row (23503). Only a default that is a constant is looked for: any other is somebody's code.
create or replace function unwind_internal.check_set_null(workflow text)
returns table (severity text, code text, object text, message text, fix text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_link record;
    v_is_there boolean;
begin
    for v_link in
        select l.* from unwind_internal.cleared_columns(workflow) as l order by l.child_table::text, l.column_name
    loop
        object := v_link.child_table::text;
        if v_link.fallback is null then
            continue when not v_link.is_not_null;
            severity := 'error';
            code := 'not_null_link';
            message := format('column %I of %s is NOT NULL, and its link to %s would be cleared',
                v_link.column_name, v_link.child_table, v_link.parent_table);
            fix := unwind_internal.mend_not_null_link(
                v_link.child_table, v_link.column_name, v_link.parent_table
            );
            return next;
            continue;
        end if;
        severity := 'warning';
        if not v_link.is_constant then
            code := 'default_not_checked';
            message := format('column %I of %s would be set to its default %s, which is computed when it is used, '
                'not here',
                v_link.column_name, v_link.child_table, v_link.fallback);
            fix := format('-- See that %s has the row by then, or: alter table %s alter column %I set default ...;',
                v_link.parent_table, v_link.child_table, v_link.column_name);
            return next;
            continue;
        end if;
        execute format('select exists (select from %s as p where (%s)::%s %s p.%I) or (%2$s) is null',
            v_link.parent_table, v_link.fallback,
            unwind_internal.qualified_type(unwind_internal.column_type(v_link.child_table, v_link.column_name)),
            unwind_internal.link_operator(
                v_link.child_table, v_link.column_name, v_link.parent_table, v_link.parent_column
            ), v_link.parent_column)
        into v_is_there;
        if not v_is_there then
            code := 'default_without_row';
            message := format('column %I of %s would be set to its default %s, and %s has no such row',
                v_link.column_name, v_link.child_table, v_link.fallback, v_link.parent_table);
            fix := format('alter table %s alter column %I drop default; -- or insert that row', v_link.child_table,
                v_link.column_name);
            return next;
        end if;
    end loop;
end
$$;
