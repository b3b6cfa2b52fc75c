-- The rows of a plan statement that none of the earlier ones of this action on its table touches, by where they
-- lie; over the anchors as CTEs (render_anchors).
create or replace function unwind_internal.render_rows(statement unwind.plan_statements, earlier_action text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select string_agg(
        unwind_internal.render_select(
            't.tableoid, t.ctid', p.target, unwind_internal.render_sources(p, 'a' || p.anchor), p.condition
        ), ' except ' order by p.ordinal desc
    )
    from unwind.plan_statements as p
    where p.workflow = (render_rows.statement).workflow
        and p.target = (render_rows.statement).target
        and (
            p.ordinal = (render_rows.statement).ordinal
            or (p.ordinal < (render_rows.statement).ordinal and p.action = render_rows.earlier_action)
        )
$$;
