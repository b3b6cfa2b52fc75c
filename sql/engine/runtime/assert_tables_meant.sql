-- Whoever records a step writes to its root tables by names that his search_path resolves. Where the bare name of a
-- root is another table to him, as where each tenant has a schema, the rows he writes are not those that would be
-- undone.
-- Errors: UW009.
create or replace function unwind_internal.assert_tables_meant(roots unwind.plan_statements [], callers_path text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_root unwind.plan_statements;
    v_other regclass;
begin
    foreach v_root in array roots loop
        v_other := unwind_internal.other_table_meant(v_root.target, callers_path);
        if v_other is not null then
            raise '% is not the table that step % undoes: that is %', v_other, quote_literal(v_root.step), v_root.target
            using errcode = 'UW009',
                detail = format('Under this search_path (%s) the name %I is %s; workflow %L has %s.', callers_path,
                    (parse_ident(v_other::text))[2], v_other, v_root.workflow, v_root.target),
                hint = format('If %s is meant: set local search_path = %I; if %s is, give it a workflow of its own.',
                    v_root.target, (parse_ident(v_root.target::text))[1], v_other),
                table = v_root.target::text;
        end if;
    end loop;
end
$$;
