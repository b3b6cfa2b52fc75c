-- Settings of the session under which an undo would leave rows without a word. A snapshot taken before a step in flight
-- ended would not see that step's rows. As a replica PostgreSQL fires no trigger: not the user's, and not those by
-- which it refuses, cascades and clears links itself.
-- Errors: UW010, 55000.
create or replace function unwind_internal.assert_session()
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
    if pg_catalog.current_setting('session_replication_role') operator(pg_catalog.=) 'replica' then
        raise 'a run cannot be undone while session_replication_role is replica'
        using errcode = 'object_not_in_prerequisite_state',
            detail = 'No trigger fires then, and no foreign key is enforced: rows that refer to others would stay.',
            hint = 'set session_replication_role = origin;';
    end if;
end
$$;
