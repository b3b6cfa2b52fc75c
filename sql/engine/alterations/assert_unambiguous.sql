-- Definitions follow what was renamed. Where another table or column has its name now, somebody has to say which is
-- meant.
-- Errors: UW009.
create or replace function unwind_internal.assert_unambiguous(workflow text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_messages text [] := array(
        select a.message from unwind_internal.ambiguities(workflow) as a order by a.message
    );
begin
    if v_messages <> '{}' then
        raise 'workflow % could mean two things: %', quote_literal(workflow), v_messages[1]
        using errcode = 'UW009',
            detail = format('Changed since it was compiled: %s. A plan for the wrong one would delete rows of others, '
                'or leave the run''s.', array_to_string(v_messages, '; ')),
            hint = unwind_internal.stale_hint(workflow);
    end if;
end
$$;
