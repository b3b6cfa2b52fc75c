-- Whoever names rows for deletion may delete them: so that a role without the right to delete a row cannot have it
-- deleted by whoever undoes the run. A workflow can do without (define_workflow(..., check_delete_right => false)), for
-- an application whose interface is itself SECURITY DEFINER functions: what lies between the caller and here cannot
-- be seen. operator_ok: for a row that is there already. Operators may name any; others only where no policy hides
-- rows from them, and there is no doing without.
-- Asked with each record, so without a search_path of its own, for setting it would cost as much as the answer.
-- Errors: 42501.
create or replace function unwind_internal.assert_may_delete(
    workflow text, step text, operator_ok boolean default false
)
returns void
language plpgsql
stable
as $$
declare
    v_role constant pg_catalog.name := unwind_internal.acting_role();
    v_lack pg_catalog.record;
begin
    if operator_ok then
        if unwind_internal.is_operator() then
            return;
        end if;
    else
        -- What missing_rights says at length.
        perform from unwind.plan_statements as p
        where p.workflow operator(pg_catalog.=) assert_may_delete.workflow
            and p.step operator(pg_catalog.=) assert_may_delete.step
            and p.action operator(pg_catalog.=) any(array['delete', 'set null', 'call'])
            and (
                p.action operator(pg_catalog.<>) 'delete'
                or not pg_catalog.has_table_privilege(v_role, p.target, 'DELETE')
            );
        if not found then
            return;
        end if;
        perform from unwind.workflows as w
        where w.workflow operator(pg_catalog.=) assert_may_delete.workflow and not w.check_delete_right;
        if found then
            return;
        end if;
    end if;
    perform from unwind_internal.acting_roles() as a (role)
    where not exists (select from unwind_internal.missing_rights(workflow, step, a.role, operator_ok));
    if found then
        return;
    end if;
    select m.object, m.lack, m.fix into v_lack
    from pg_catalog.pg_roles as r
    cross join lateral unwind_internal.missing_rights(workflow, step, r.oid, operator_ok) as m
    where r.rolname operator(pg_catalog.=) v_role
    limit 1;
    raise 'role % may not name rows of step % for deletion: it lacks % on %',
        pg_catalog.quote_ident(v_role), pg_catalog.quote_literal(step), v_lack.lack, v_lack.object
    using errcode = 'insufficient_privilege',
        detail = 'Undoing the step deletes such rows, and whoever undoes it may have rights that this role has not.',
        hint = pg_catalog.concat(v_lack.fix, case when not operator_ok then pg_catalog.format(
            ' Or, where only SECURITY DEFINER functions of yours record it: '
            'select unwind.define_workflow(%L, check_delete_right => false);', workflow
        ) end);
end
$$;
