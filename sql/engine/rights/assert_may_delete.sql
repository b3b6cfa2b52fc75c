-- Whoever names rows for deletion may delete them: so that a role without the right to delete a row cannot have it
-- deleted by whoever undoes the run. operator_ok: for a row that is there already, where no policy may hide any either.
-- Errors: 42501.
create or replace function unwind_internal.assert_may_delete(
    workflow text, step text, operator_ok boolean default false
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_role constant name := unwind_internal.acting_role();
    v_table regclass;
begin
    select p.target into v_table
    from unwind.plan_statements as p
    where p.workflow = assert_may_delete.workflow
        and p.step = assert_may_delete.step
        and p.action = 'delete'
        and (
            not has_table_privilege(v_role, p.target, 'DELETE')
            or (operator_ok and unwind_internal.hides_rows(p.target, v_role))
        )
    order by p.ordinal
    limit 1;
    if found then
        raise insufficient_privilege using
            message = format('role %I may not delete every row of %s', v_role, v_table),
            detail = 'Undoing the step deletes such rows, and whoever undoes it may have rights that this role has not.',
            hint = format('grant delete on %s to %I; -- or, where policies hide rows: alter role %2$I bypassrls;',
                v_table, v_role),
            table = v_table::text;
    end if;
end
$$;
