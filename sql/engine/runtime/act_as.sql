-- Says which worker speaks until this transaction ends. A transaction-local setting, so it suits poolers.
create or replace function unwind.act_as(worker text)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    select set_config('unwind.worker', coalesce(act_as.worker, ''), true)
$$;
comment on function unwind.act_as(text) is
'Says, until this transaction ends, which worker is speaking; a claimed run listens to its own only.';
