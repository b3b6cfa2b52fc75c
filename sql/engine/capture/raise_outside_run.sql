-- Errors: UW015, always.
create or replace function unwind_internal.raise_outside_run(table_name regclass)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise 'role % writes to % outside a run', quote_ident(unwind_internal.acting_role()), table_name
    using errcode = 'UW015',
        detail = format(
            'It is bound (the login is %I): what it writes to captured tables has to be inside a run that it '
            'has entered.', session_user
        ),
        hint = 'First in the transaction: select unwind.enter_run(run_id);',
        table = table_name::text;
end
$$;
