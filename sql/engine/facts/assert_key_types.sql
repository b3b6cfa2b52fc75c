-- Refuses key columns whose values cannot be read without running code of others: see has_checked_part.
-- Errors: UW009.
create or replace function unwind_internal.assert_key_types(root_table regclass, key_columns text [])
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_column text;
begin
    foreach v_column in array key_columns loop
        if unwind_internal.has_checked_part(unwind_internal.column_type(root_table, v_column)::regtype) then
            raise 'column %.% cannot be part of a key', root_table, quote_ident(v_column)
            using errcode = 'UW009',
                detail = format('Parts of its type %s are checked by a domain, and keys are read with the rights of '
                    'the engine''s owner, with whom nobody else''s code may run.',
                    unwind_internal.column_type(root_table, v_column)),
                hint = format('Name other columns; \d %s lists them.', root_table);
        end if;
    end loop;
end
$$;
