-- The rows t of a plan statement that none of the earlier ones of this action on its table touches, as FROM item and
-- condition; over the anchors as CTEs (render_anchors).
create or replace function unwind_internal.render_rows(statement unwind.plan_statements, earlier_action text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format('%s as t where ', (render_rows.statement).target) || string_agg(
        format('%sexists (select from %s where %s)',
            case when p.ordinal < (render_rows.statement).ordinal then 'not ' end,
            r.sources, r.condition),
        ' and ' order by p.ordinal desc
    )
    from unwind.plan_statements as p
    cross join unwind_internal.rows_over_ctes(p) as r
    where p.workflow = (render_rows.statement).workflow
        and p.target = (render_rows.statement).target
        and (
            p.ordinal = (render_rows.statement).ordinal
            or (p.ordinal < (render_rows.statement).ordinal and p.action = render_rows.earlier_action)
        )
$$;
