-- A way as SQL: the tables between the anchor and the target, as FROM items, and the condition on the rows of its
-- target, which is called by the given alias. The anchor is written in the given form.
create or replace function unwind_internal.render_way(
    way unwind_internal.plan_ways, alias text, form text, out sources text, out condition text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_anchor unwind.plan_statements;
    v_parent unwind_internal.plan_ways;
    v_alias text;
    v_terms text [];
begin
    if way.parent_way is null then
        v_anchor := unwind_internal.plan_statement(way.workflow, way.anchor);
        for i in 1..coalesce(cardinality(way.columns), 0) loop
            v_terms[i] := format('%s.%I %s %s', alias, way.columns[i],
                case
                    when v_anchor.action = 'keys' and v_anchor.target = way.target
                        then unwind_internal.key_operator(way.target, way.columns[i])
                    else unwind_internal.link_operator(
                        way.target, way.columns[i], v_anchor.target, v_anchor.columns[way.anchor_columns[i]]
                    )
                end,
                unwind_internal.render_anchor_column(v_anchor, way.anchor_columns[i], form));
        end loop;
    else
        select w.* into strict v_parent
        from unwind_internal.plan_ways as w
        where w.workflow = way.workflow and w.way = way.parent_way;
        v_alias := 'p' || v_parent.way;
        for i in 1..cardinality(way.columns) loop
            v_terms[i] := format('%s.%I %s %s.%I', alias, way.columns[i],
                unwind_internal.link_operator(
                    way.target, way.columns[i], v_parent.target, way.parent_columns[i]
                ),
                v_alias, way.parent_columns[i]);
        end loop;
        select concat_ws(', ', format('%s as %s', v_parent.target, v_alias), r.sources), v_terms || r.condition
        into sources, v_terms
        from unwind_internal.render_way(v_parent, v_alias, form) as r;
    end if;
    condition := array_to_string(v_terms, ' and ');
end
$$;
