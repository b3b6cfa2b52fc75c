-- A workflow as a Graphviz digraph: a cluster per step, an arrow from child to parent.
create or replace function unwind_internal.describe_as_dot(workflow text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select concat_ws(E'\n',
        'digraph workflow {',
        '  rankdir=LR; node [shape=box];',
        (
            select string_agg(b.block, E'\n' order by b.step_position)
            from (
                select t.step_position, format(E'  subgraph cluster_%s {\n    label="%s";\n', t.step_position,
                    unwind_internal.diagram_text(t.step_position || '. ' || t.step)) || string_agg(
                    format('    %s [label="%s"];', unwind_internal.node_id(t.name),
                        unwind_internal.diagram_text(t.name)),
                    E'\n' order by t.ordinal
                ) || E'\n  }' as block
                from unwind_internal.described_tables(describe_as_dot.workflow) as t
                group by t.step_position, t.step
            ) as b
        ),
        (
            select string_agg(
                format('  %1$s [label="%2$s"]; %1$s -> %3$s [label="%4$s"];', unwind_internal.node_id(l.child),
                    unwind_internal.diagram_text(l.child), unwind_internal.node_id(l.parent),
                    unwind_internal.diagram_text(l.on_delete)), E'\n'
            )
            from unwind_internal.described_links(describe_as_dot.workflow) as l
        ),
        '}'
    )
$$;
