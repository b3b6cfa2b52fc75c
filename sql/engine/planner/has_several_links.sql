-- Whether several links lead to rows of a table that go, or are cleared: two undos can then want the same ones, reached
-- by different links and so in different orders.
create or replace function unwind_internal.has_several_links(workflow text, target regclass)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select count(*) > 1
        from unwind_internal.plan_links as f
        where f.workflow = has_several_links.workflow
            and f.child_table = has_several_links.target
            and f.on_delete in ('cascade', 'set null')
    );
end
$$;
