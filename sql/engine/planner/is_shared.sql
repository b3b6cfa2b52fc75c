-- Whether rows of the target can be wanted by two undos at once, which reach them by different links and so in
-- different orders.
create or replace function unwind_internal.is_shared(workflow text, target regclass)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off -- a plan made while there are few links is kept when there are many
as $$
begin
    return (
        select count(*) > 1
        from unwind_internal.plan_links as f
        where f.workflow = is_shared.workflow
            and f.child_table = is_shared.target
            and f.on_delete in ('cascade', 'set null')
    );
end
$$;
