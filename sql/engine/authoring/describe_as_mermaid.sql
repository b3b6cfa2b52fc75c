-- A workflow as a Mermaid flowchart: a subgraph per step, an arrow from child to parent.
create or replace function unwind_internal.describe_as_mermaid(workflow text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select concat_ws(E'\n',
        'flowchart LR',
        (
            select string_agg(b.block, E'\n' order by b.step_position)
            from (
                select t.step_position, format(E'  subgraph s%s["%s"]\n', t.step_position,
                    unwind_internal.diagram_text(t.step_position || '. ' || t.step)) || string_agg(
                    format('    %s["%s"]', unwind_internal.node_id(t.name), unwind_internal.diagram_text(t.name)),
                    E'\n' order by t.ordinal
                ) || E'\n  end' as block
                from unwind_internal.described_tables(describe_as_mermaid.workflow) as t
                group by t.step_position, t.step
            ) as b
        ),
        (
            select string_agg(
                format('  %s["%s"] -- "%s" --> %s', unwind_internal.node_id(l.child),
                    unwind_internal.diagram_text(l.child),
                    unwind_internal.diagram_text(l.on_delete), unwind_internal.node_id(l.parent)), E'\n'
            )
            from unwind_internal.described_links(describe_as_mermaid.workflow) as l
        )
    )
$$;
