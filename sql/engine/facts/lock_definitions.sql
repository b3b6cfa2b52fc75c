-- Definitions of a database change one transaction at a time: the first thing that each function does which changes
-- them, before it reads anything. Whoever comes second waits, and then reads what the first committed; an older
-- snapshot would not. Nobody who starts, records or undoes a run waits for it.
-- Errors: UW010.
create or replace function unwind_internal.lock_definitions()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
        raise 'definitions cannot be changed in a % transaction', current_setting('transaction_isolation')
        using errcode = 'UW010',
            detail = 'Its snapshot could miss definitions that others commit meanwhile, and the plan would lack them.',
            hint = 'begin transaction isolation level read committed; or, before anything else: '
                'set default_transaction_isolation = ''read committed'';';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('pgunwind: definitions', 0));
    perform unwind_internal.forget_lost_tables();
end
$$;
