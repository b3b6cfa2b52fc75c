-- A workflow as lines: steps in forward order, and how each is undone.
create or replace function unwind_internal.describe_as_text(workflow text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select concat_ws(E'\n',
        (
            select concat_ws(E'\n', 'workflow ' || w.workflow, '  ' || w.description)
            from unwind.workflows as w where w.workflow = describe_as_text.workflow
        ),
        (
            select string_agg(b.block, E'\n' order by b.step_position)
            from (
                select t.step_position, format(E'step %s. %s\n', t.step_position, t.step) || string_agg(
                    format('  delete %s%s', t.name, ' by (' || array_to_string(t.key_columns, ', ') || ')'),
                    E'\n' order by t.ordinal
                ) as block
                from unwind_internal.described_tables(describe_as_text.workflow) as t
                group by t.step_position, t.step
            ) as b
        ),
        (
            select E'links\n' || string_agg(
                format('  %s (%s) -> %s: %s', l.child, l.columns, l.parent, l.on_delete), E'\n'
            )
            from unwind_internal.described_links(describe_as_text.workflow) as l
        )
    )
$$;
