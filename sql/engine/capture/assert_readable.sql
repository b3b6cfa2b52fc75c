-- Whoever may not read the whole of a table finds no images of it either, which must not look like none.
-- Errors: 42501.
create or replace function unwind_internal.assert_readable(tbl regclass)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if has_table_privilege(tbl, 'SELECT') and not row_security_active(tbl) then
        return;
    end if;
    raise 'role % may not read all of %', quote_ident(current_user), tbl
    using errcode = 'insufficient_privilege',
        detail = case
            when has_table_privilege(tbl, 'SELECT') then 'A policy would hide rows of it.'
            else 'It lacks SELECT.'
        end || ' So it may not see what a run changed there either.',
        hint = case
            when has_table_privilege(tbl, 'SELECT') then format('alter role %I bypassrls;', current_user)
            else format('grant select on %s to %I;', tbl, current_user)
        end,
        table = tbl::text;
end
$$;
