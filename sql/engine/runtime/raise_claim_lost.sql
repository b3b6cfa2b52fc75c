-- Errors: UW003, always.
create or replace function unwind_internal.raise_claim_lost(run_id text, claimed_by text, worker text default null)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise 'run % is claimed by %', quote_literal(run_id), quote_literal(claimed_by)
    using errcode = 'UW003',
        detail = format('The worker speaking is %s.',
            coalesce(quote_literal(coalesce(worker, unwind_internal.speaker())), 'unnamed')),
        hint = 'If you are that worker, say so in this transaction: select unwind.act_as(''worker''); if not, stop.';
end
$$;
