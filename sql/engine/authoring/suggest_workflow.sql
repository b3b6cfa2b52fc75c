-- Proposes a first version of a workflow: a script of the calls that define it for one root table and what hangs below.
-- Links come before the step, for each declaration compiles anew the workflows that it touches. No key columns: the
-- primary key. Only reads.
-- Errors: UW009.
create or replace function unwind.suggest_workflow(root_table regclass, variadic key_columns text [] default '{}')
returns setof text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    v_key text [] := coalesce(
        nullif(unwind_internal.plain_array(key_columns), '{}'), unwind_internal.primary_key(root_table)
    );
    v_name text := unwind_internal.script_literal(unwind_internal.suggested_name(root_table));
begin
    if v_key is null
        and exists (select from pg_class as c where c.oid = root_table and c.relkind in ('r', 'p', 'f'))
    then
        raise 'table % has no primary key', root_table
        using errcode = 'UW009',
            detail = 'A workflow finds the rows of its root table by a key.',
            hint = format(
                'Name its columns; \d %s lists them: select unwind.suggest_workflow(%1$L, ''…'');', root_table
            );
    end if;
    perform unwind_internal.assert_table(root_table, v_key);
    return query select translate(h, E'\r\n', '  ') from unwind_internal.suggest_header(root_table, v_key) as h;
    return query
    select ''
    union all
    select format('select unwind.define_workflow(%s);', v_name);
    return query
    select * from unwind_internal.suggest_section('Foreign keys whose action is known already.', array(
        select s from unwind_internal.suggest_settled_links(root_table) as s
    ));
    return query
    select * from unwind_internal.suggest_section('Foreign keys that only refuse. What belongs to what?', array(
        select s from unwind_internal.suggest_real_links(root_table) as s
    ));
    return query
    select * from unwind_internal.suggest_section('Likely foreign keys that the schema does not have.', array(
        select s from unwind_internal.suggest_logical_links(root_table) as s
    ));
    return query
    select * from unwind_internal.suggest_section('The step comes last: all is compiled once.', array[
        format('select unwind.define_step(%s, %1$s, %s, %s);', v_name, unwind_internal.script_literal(root_table::text),
            (select string_agg(unwind_internal.script_literal(k.name), ', ' order by k.n)
            from unnest(v_key) with ordinality as k (name, n)))
    ]);
    return query
    select * from unwind_internal.suggest_section('Indexes that are missing.', array(
        select s from unwind_internal.suggest_indexes(root_table, v_key) as s
    ));
    return query
    select * from unwind_internal.suggest_section('What would fail; and, to try it, what would go.', array[
        format('select * from unwind.check_workflow(%s);', v_name),
        '-- begin;',
        format('-- select unwind.start_run(%s, run_id => ''try'');', v_name),
        format('-- select unwind.record_step(''try'', %s, %s);', v_name,
            (select string_agg('''…''', ', ') from unnest(v_key))),
        '-- select ordinal, table_name, row_count from unwind.preview_run(''try'');',
        '-- rollback;'
    ]);
end
$$;
comment on function unwind.suggest_workflow(regclass, text []) is
'Proposes the calls that define a workflow for a root table, from the foreign keys that are there: a script to read, '
'change and run. Without key columns the key is the primary key. Changes nothing. Errors: UW009.';
