-- A snapshot taken before a step in flight ended would not see that step's rows, and would leave them.
-- Errors: UW010.
create or replace function unwind_internal.assert_read_committed()
returns void
language plpgsql
stable
as $$
begin
    if pg_catalog.current_setting('transaction_isolation') operator(pg_catalog.<>) all (
        array['read committed', 'read uncommitted']
    ) then
        raise 'a run cannot be undone in a % transaction', pg_catalog.current_setting('transaction_isolation')
        using errcode = 'UW010',
            detail = 'Its snapshot could miss rows that steps in flight commit while the compensation waits for them.',
            hint = 'begin transaction isolation level read committed; or, before anything else: '
                'set default_transaction_isolation = ''read committed'';';
    end if;
end
$$;
