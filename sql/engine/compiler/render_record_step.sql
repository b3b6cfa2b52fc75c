-- The part of the function that records which is for one step. What may find the user's table otherwise than it was
-- planned stands in a block of its own: where it is, or the key is no value of its type, there is something to be said.
-- It locks the table, so that nobody alters it from there on. Then the run becomes the owner, and only then is it
-- looked what is there under the key.
create or replace function unwind_internal.render_record_step(root unwind.plan_statements)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        'if step operator(pg_catalog.=) %1$L then
        begin
            lock table only %3$s in access share mode;
            if (
                %2$s
            ) is not true then
                return false;
            end if;
        exception
            when syntax_error_or_access_rule_violation or data_exception or invalid_schema_name then
                return false;
        end;
        insert into unwind.entity_owners (root_table, key_columns, entity_key, run_id)
        values (%3$L::pg_catalog.regclass, %4$L, entity_key, run_id)
        on conflict do nothing;
        if not found then
            return false;
        end if;
        insert into unwind_internal.ledger (run_id, step, entity_key)
        select run_id, step, entity_key
        where not exists (
                select from %3$s as t
                where %5$s
            )
            and (
                unwind_internal.is_meant(%3$L::pg_catalog.regclass, %6$L, %7$L, v_role)
                or unwind_internal.other_table_meant(
                    %3$L::pg_catalog.regclass, pg_catalog.current_setting(''search_path'')
                ) is null
            )
        on conflict do nothing;
        if found then
            return true;
        end if;
        delete from unwind.entity_owners as o
        where o.root_table operator(pg_catalog.=) %3$L::pg_catalog.regclass
            and o.key_columns operator(pg_catalog.=) %4$L
            and o.entity_key operator(pg_catalog.=) entity_key;',
        root.step,
        (
            select string_agg(c.condition, E'\n                and ')
            from unwind_internal.record_conditions(root) as c (condition)
        ),
        root.target::text,
        root.columns,
        unwind_internal.render_doubtful(root, 'entity_key'),
        n.nspname,
        t.relname
    )
    from pg_class as t
    inner join pg_namespace as n on n.oid = t.relnamespace
    where t.oid = root.target
$$;
