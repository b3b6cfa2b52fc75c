-- Errors: UW002, always.
create or replace function unwind_internal.raise_run_not_running(run_id text, status text)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise 'run % is not running: it is %', quote_literal(run_id), status
    using errcode = 'UW002',
        detail = 'A run that has ended, failed or is being undone takes no more steps and has its outcome.',
        hint = format(
            'Start another run; to see what became of this one: select * from unwind.workflow_runs where id = %L;',
            run_id
        );
end
$$;
