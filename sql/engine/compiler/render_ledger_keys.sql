-- The keys of a root, straight from the ledger.
create or replace function unwind_internal.render_ledger_keys(statement unwind.plan_statements, ledger text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    -- The offset keeps a cast from being tried on keys of other steps.
    select format('select %s, s.run_id from ('
        'select * from unwind.run_steps as s where s.step operator(pg_catalog.=) %L and %s offset 0) as s',
        array_to_string(unwind_internal.key_columns(statement), ', '),
        (render_ledger_keys.statement).step,
        render_ledger_keys.ledger
    )
$$;
