-- The id of the attempt at a run that comes after its latest, which has been undone.
-- Errors: UW013, where it has not been undone; 42501 for a run of somebody else's.
create or replace function unwind_internal.next_attempt(run_id text)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_latest record;
begin
    select (l.run).id, (l.run).status, l.number into v_latest from unwind_internal.latest_attempt(run_id) as l;
    if v_latest.status <> 'COMPENSATED' then
        perform unwind_internal.raise_duplicate_run(v_latest.id, v_latest.status, format(
            'The next attempt can start once it is COMPENSATED: select * from unwind.compensate_run(%L); to take part '
            'in this one: if_exists => ''attach''.', v_latest.id
        ));
    end if;
    return format('%s:%s', run_id, v_latest.number + 1);
end
$$;
