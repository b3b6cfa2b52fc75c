-- Names the columns of a captured table that say nothing of whether somebody has changed a row, such as updated_at, in
-- place of those named before; variadic '{}': all count. An undo that refuses or skips does not compare them, and
-- merging leaves them as they are; they are set back where nobody has touched the row.
-- For the owner of the engine.
-- Errors: UW009, UW010.
create or replace function unwind.ignore_columns(table_name regclass, variadic columns text [])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_captured unwind_internal.captured_tables;
    v_column text;
begin
    perform unwind_internal.lock_definitions();
    v_captured := unwind_internal.captured_table(table_name);
    v_captured := unwind_internal.follow_table(v_captured.log_name);
    columns := unwind_internal.plain_array(columns);
    foreach v_column in array columns loop
        if v_column <> all(v_captured.columns) is not false then
            raise '% has no column % to ignore', table_name, coalesce(quote_ident(v_column), 'null')
            using errcode = 'UW009',
                detail = 'Generated columns are not compared anyway.',
                hint = unwind_internal.did_you_mean(v_column, v_captured.columns)
                    || format('Its columns: %s.', array_to_string(v_captured.columns, ', '));
        elsif v_column = any(v_captured.key_columns) then
            raise '% of % cannot be ignored', quote_ident(v_column), table_name
            using errcode = 'UW009',
                detail = 'By it a row is known.',
                hint = format('Its key: %s. Name other columns.', array_to_string(v_captured.key_columns, ', '));
        end if;
    end loop;
    update unwind_internal.captured_tables as c
    set ignored = ignore_columns.columns
    where c.log_name = v_captured.log_name;
    perform unwind_internal.kept_undo(k.log_names, k.inserted_only, again => true)
    from unwind_internal.kept_undos as k
    where v_captured.log_name = any(k.log_names);
end
$$;
comment on function unwind.ignore_columns(regclass, text []) is
'Names the columns of a captured table that say nothing of whether somebody has changed a row, such as updated_at: no '
'conflict arises from them. In place of those named before. Errors: UW009, UW010.';
