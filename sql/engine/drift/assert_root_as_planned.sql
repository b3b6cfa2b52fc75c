-- Recording a key, last of all: the root by which it was owned is the plan's, and its key columns are what the plan
-- takes them to be. Else it would be recorded under a name that is dead, or another's. Volatile and after the owner's
-- row, so that it sees what moved while the step waited for that (lock_owners).
-- Errors: UW009.
create or replace function unwind_internal.assert_root_as_planned(root unwind.plan_statements)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
    v_name text;
    v_columns int;
    v_drift text [];
begin
    select t.table_name, (
        select count(*)
        from unnest(t.columns, t.numbers) as p (name, number)
        inner join unnest(root.columns, root.full_types) as c (name, type) on c.name = p.name
        inner join pg_attribute as a on a.attrelid = t.target and a.attname = p.name and not a.attisdropped
        where (a.attnum = p.number or t.target_oid is distinct from t.target::oid)
            and case
                -- What full_type gives for the commonest types and collations (none, default, C), without asking it.
                when format_type(a.atttypid, a.atttypmod) = c.type and a.attcollation in (0, 100, 950) then true
                else unwind_internal.is_wider(unwind_internal.full_type(t.target, p.name), c.type)
            end
    ) into v_name, v_columns
    from unwind_internal.planned_tables as t
    where t.workflow = root.workflow and t.target = root.target;
    if v_columns = cardinality(root.columns) and coalesce(to_regclass(v_name), root.target) = root.target then
        return;
    end if;
    v_drift := unwind_internal.workflow_drift(root.workflow);
    perform unwind_internal.raise_stale(
        root.workflow,
        case when v_drift = '{}' then array[format('%s is planned otherwise since this call began', root.target)]
            else v_drift end
    );
end
$$;
