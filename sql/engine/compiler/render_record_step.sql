-- The part of the function that records which is for one step. What names the user's tables before anything is written
-- stands in a block of its own: where one is gone, or the key is no value of its type, there is something to be said.
create or replace function unwind_internal.render_record_step(workflow text, step text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        'if step operator(pg_catalog.=) %L then
        begin
            if (
                %s
            ) is not true then
                return false;
            end if;
        exception
            when syntax_error_or_access_rule_violation or data_exception then
                return false;
        end;
%s',
        render_record_step.step,
        (
            select string_agg(c.condition, E'\n                and ')
            from unwind_internal.record_conditions(render_record_step.workflow, render_record_step.step)
                as c (condition)
        ),
        string_agg(unwind_internal.render_record_root(p), E'\n' order by p.ordinal)
    )
    from unwind.plan_statements as p
    where p.workflow = render_record_step.workflow and p.step = render_record_step.step and p.action = 'keys'
$$;
