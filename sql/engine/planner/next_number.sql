-- The next number for a statement or way of the plan that is being made; kept in a setting of the transaction, for
-- max() + 1 reads past every row that this transaction has deleted. From 1 again where restart.
create or replace function unwind_internal.next_number(counter text, restart boolean default false)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_setting constant text := 'unwind.plan_' || counter;
    v_number constant int := coalesce(nullif(current_setting(v_setting, true), ''), '0')::int + 1;
begin
    return set_config(v_setting, case when restart then '0' else v_number::text end, true);
end
$$;
