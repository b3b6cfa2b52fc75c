-- A custom compensation has to have the one signature that the runtime calls.
-- Errors: UW009.
create or replace function unwind_internal.assert_custom_compensation(compensation regprocedure)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (
        select from pg_proc as p
        where p.oid = compensation
            and p.prokind = 'f'
            and p.pronargs = 1 and p.proargtypes[0] = 'text[]'::regtype and p.provariadic = 0
            and pg_get_function_result(p.oid) = 'TABLE(run_id text, table_name text, rows_deleted bigint)'
    ) then
        raise 'function % cannot compensate a step', coalesce(compensation::text, 'null')
        using errcode = 'UW009',
            detail = 'It has to be a function (run_ids text[]) '
                'returns table(run_id text, table_name text, rows_deleted bigint).',
            hint = 'Create it with that signature, deleting the rows of the given runs and returning its receipts.';
    end if;
end
$$;
