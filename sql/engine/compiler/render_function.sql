-- The whole CREATE FUNCTION of a workflow. Read one with \sf.
create or replace function unwind_internal.render_function(workflow text, function_name text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_looks_again constant boolean := unwind_internal.looks_again(workflow);
    v_body text := concat_ws(E'\n',
        '#variable_conflict use_variable',
        'declare',
        unwind_internal.render_declarations(workflow),
        'begin',
        unwind_internal.render_keys(workflow),
        case when v_looks_again then 'for v_pass in 1..3 loop' end,
        unwind_internal.render_steps(workflow),
        case when v_looks_again then unwind_internal.render_look(workflow) end,
        unwind_internal.render_receipts(workflow),
        'end'
    );
    v_quote text := '$unwind$';
begin
    while position(v_quote in v_body) > 0 loop
        v_quote := '$unwind_' || md5(v_quote || v_body) || '$';
    end loop;
    -- No search_path of its own, as in all that calls it: the user's triggers fire in here, and find what they
    -- would find under a DELETE typed by the caller.
    -- A pinned generic plan: = any(array) would be planned anew on every call. It may be made while a table is
    -- still empty, or before it was analyzed, and is kept as the table grows: no sequential scan where there is an
    -- index, and no merge or hash join, which would read the whole of a table by its index.
    -- row_security = off turns rows that a policy hides into an error. jit = off: estimates over arrays of unknown
    -- length are high enough to compile at length what runs in no time.
    return format(
        'create or replace function %s(run_ids text[], only_steps text[], max_rows bigint)
returns void
language plpgsql
set row_security = off
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_mergejoin = off
set enable_hashjoin = off
set jit = off
as %s
%s
%2$s',
        function_name, v_quote, v_body
    );
end
$$;
