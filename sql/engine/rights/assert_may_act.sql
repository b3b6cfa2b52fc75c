-- The run is there, and the caller may act on it. For functions that run as the engine's owner; others see only their
-- own runs anyway.
-- Errors: UW001; 42501 for a run of somebody else's.
create or replace function unwind_internal.assert_may_act(run_id text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
    v_started_by name;
begin
    select r.started_by into v_started_by from unwind.workflow_runs as r where r.id = assert_may_act.run_id;
    if not found then
        perform unwind_internal.raise_run_not_found(run_id);
    end if;
    if unwind_internal.may_act(v_started_by) then
        return;
    end if;
    raise 'role % may not act on run %: it is %', quote_ident(unwind_internal.acting_role()), quote_literal(run_id),
        case when to_regrole(quote_ident(v_started_by)) is null then 'the operators''' else 'that of another role' end
    using errcode = 'insufficient_privilege',
        detail = case
            when v_started_by is null then 'It was started before the engine kept by whom.'
            else format('It was started by role %I%s.', v_started_by,
                case when to_regrole(quote_ident(v_started_by)) is null then ', which is gone' else '' end)
        end || format(' The login is %I.', session_user),
        hint = coalesce(
            format('grant %s to %I; or act as an operator: ', to_regrole(quote_ident(v_started_by)),
                unwind_internal.acting_role()),
            'Act as an operator: '
        ) || format('select unwind_internal.grant_access(%L, ''operator'');', unwind_internal.acting_role());
end
$$;
