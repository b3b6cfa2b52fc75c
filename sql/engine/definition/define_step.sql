-- Declares a step by its root table and the columns of its entity key; again for the same step it adds
-- another root. Every root of a step is found by the same key, so their keys have the same arity.
-- Errors: UW004 (a live run's entity is owned by another run in the added root), UW008, UW009,
-- UW010.
create or replace function unwind.define_step(
    workflow text, step text, root_table regclass, variadic key_columns text []
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_step unwind.workflow_steps;
    v_arity int;
begin
    perform unwind_internal.lock_definitions();
    key_columns := unwind_internal.plain_array(key_columns);
    v_step := unwind_internal.ensure_step(workflow, step);
    select cardinality(r.key_columns) into v_arity
    from unwind.step_roots as r
    where r.workflow = define_step.workflow and r.step = define_step.step
    limit 1;
    perform unwind_internal.assert_table(root_table, key_columns);
    if v_step.compensation is not null then
        raise 'step % of workflow % has a compensation of its own', quote_literal(step), quote_literal(workflow)
        using errcode = 'UW009',
            detail = format('It calls %s; a step has either that or root tables.', v_step.compensation),
            hint = 'Give the root table a step of its own.';
    end if;
    if v_arity <> cardinality(key_columns) then
        raise 'step % of workflow % has keys of % columns, not %',
            quote_literal(step), quote_literal(workflow), v_arity, cardinality(key_columns)
        using errcode = 'UW009',
            detail = 'One entity key finds the rows in every root table of the step.',
            hint = format('Name %s key columns, or define another step for %s.', v_arity, root_table);
    end if;
    insert into unwind.step_roots (workflow, step, root, root_table, key_columns)
    select define_step.workflow, define_step.step, coalesce(max(r.root), 0) + 1,
        define_step.root_table, define_step.key_columns
    from unwind.step_roots as r
    where r.workflow = define_step.workflow and r.step = define_step.step
    on conflict on constraint step_roots_once do nothing;
    if found then
        perform unwind_internal.compile_later(workflow);
        perform unwind_internal.compile_workflows_of(array[root_table]);
        perform unwind_internal.note_columns(root_table, key_columns);
        perform unwind_internal.own_recorded_entities(workflow, step);
        perform unwind_internal.warn_of_root(workflow, root_table);
    end if;
end
$$;
comment on function unwind.define_step(text, text, regclass, text []) is
'Declares a step by a root table and its key columns; called again, adds a root. Errors: UW004, UW008, UW009, '
'UW010.';
