-- Refuses where postgres_fdw would not send a statement as it is, but ask for the rows and delete them one by one by
-- ctid, which on the far side is not unique where the table there has partitions. Asked of PostgreSQL itself, by an
-- EXPLAIN, which does not connect; for a value that is not known yet stands a subselect. Other wrappers know their
-- rows as they do. Again whenever the statement is planned anew (as_planned): a trigger can come later.
-- Errors: UW009.
create or replace function unwind_internal.assert_sent_whole(workflow text, target regclass default null)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
    v_statement unwind.plan_statements;
    v_plan jsonb;
    v_table regclass;
    v_triggers text;
begin
    for v_statement in
        select p.* from unwind.plan_statements as p
        where p.workflow = assert_sent_whole.workflow
            and p.action in ('delete', 'set null')
            and p.target = coalesce(assert_sent_whole.target, p.target)
            and unwind_internal.is_kept_elsewhere(p.target)
        order by p.ordinal
    loop
        execute 'explain (verbose, format json) ' || unwind_internal.render_far_probe(v_statement) into v_plan;
        select s.relid into v_table
        from jsonb_path_query(
            v_plan, '$.** ? (@."Node Type" == "Foreign Scan" && @."Operation" == "Select")'
        ) as n (node)
        cross join lateral (
            select to_regclass(format('%I.%I', n.node ->> 'Schema', n.node ->> 'Relation Name')) as relid
        ) as s
        inner join pg_foreign_table as f on f.ftrelid = s.relid
        inner join pg_foreign_server as v on v.oid = f.ftserver
        inner join pg_foreign_data_wrapper as w on w.oid = v.srvfdw
        inner join pg_proc as p on p.oid = w.fdwhandler and p.proname = 'postgres_fdw_handler'
        order by s.relid::text
        limit 1;
        continue when not found;
        -- tgtype: 1 for each row, 8 delete, 16 update; PostgreSQL counts disabled ones too.
        select string_agg(quote_ident(g.tgname), ', ' order by g.tgname) into v_triggers
        from pg_trigger as g
        where g.tgrelid = v_table and not g.tgisinternal
            and g.tgtype & 1 = 1
            and g.tgtype & case v_statement.action when 'delete' then 8 else 16 end <> 0;
        raise 'rows of % would go one by one, by where they lie on the far server', v_table
        using errcode = 'UW009',
            detail = coalesce(
                'PostgreSQL cannot send the statement whole because of these triggers: ' || v_triggers || '.',
                format('PostgreSQL cannot send the condition to the far server: %s.', (
                    select r.condition from unwind_internal.rows_of(v_statement, 'far element') as r
                ))
            ),
            hint = coalesce(
                'drop trigger ' || split_part(v_triggers, ', ', 1) || ' on ' || v_table::text
                || '; -- one of the table on the far server does no harm',
                format('If the type is an extension''s that is there too: '
                    'alter server %I options (add extensions ''…'');',
                    (
                        select v.srvname from pg_foreign_table as f
                        inner join pg_foreign_server as v on v.oid = f.ftserver
                        where f.ftrelid = v_table
                    ))
            );
    end loop;
end
$$;
