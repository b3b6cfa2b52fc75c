-- The anchors of a plan as CTEs over the ledger rows that meet the condition: what the generated function holds
-- in arrays.
create or replace function unwind_internal.render_anchors(workflow text, ledger text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select 'with '
    || case when bool_or(p.action = 'capture' and unwind_internal.recurses(p)) then 'recursive ' else '' end
    || string_agg(
        format('%s (%srun_id) as (%s)', unwind_internal.variable(p), unwind_internal.anchor_columns(p),
            case p.action
                when 'capture' then unwind_internal.render_captured(p)
                else unwind_internal.render_ledger_keys(p, render_anchors.ledger)
            end
        ), ', ' order by p.ordinal
    ) || ' '
    from unwind.plan_statements as p
    where p.workflow = render_anchors.workflow and p.action in ('keys', 'capture')
$$;
