-- The undo of a run cannot be taken back, for rows that it deleted are nowhere any more.
-- Errors: UW018, always.
create or replace function unwind_internal.raise_not_restorable(run_id text, reason text)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise 'the undo of run % cannot be taken back', quote_literal(run_id)
    using errcode = 'UW018',
        detail = reason,
        hint = format('What it deleted: select * from unwind.compensations where run_id = %L;', run_id);
end
$$;
