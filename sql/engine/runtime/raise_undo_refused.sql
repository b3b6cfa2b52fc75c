-- Something of the user's refused a deletion or a clearing: a CHECK, NOT NULL, a trigger, a publication; not where it
-- says so by a SQLSTATE of its own. Called in the handler of an error, which becomes the DETAIL, with the keys that led
-- there. The statement is found in the error's context, for nothing else says which one it was: the outermost that is a
-- plan's. Where none is, or the error is of another kind, the caller lets it go on.
-- Errors: UW020.
create or replace function unwind_internal.raise_undo_refused(
    workflow text, run_ids text [], original text, message text, detail text, context text, constraint_name text
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_name constant text := '(?:"(?:[^"]|"")+"|[^\s".]+)';
    v_statement constant text := format('(delete from|update) (%s(?:\.%1$s)?) as t\M', v_name);
    v_part text;
    v_tables text [];
    v_keys text;
begin
    if original !~ '^(09|21|22|23|27|2F|38|39|44|55)'
        and original not in ('42P10', '42P16', '428C9', 'P0001', 'P0002', 'P0003')
        or original in ('55006', '55P02', '55P03', '55P04') -- somebody in the way, or a setting: no refusal
    then
        return;
    end if;
    -- A part for each frame of PL/pgSQL: its own line, and the statements below which it was entered.
    select c.part into v_part
    from regexp_split_to_table(context, '\n(?=PL/pgSQL)') with ordinality as c (part, n)
    where c.part ~ v_statement
    order by c.n desc
    limit 1;
    if v_part is null then
        return;
    end if;
    select array_agg(distinct s.found[2]) into v_tables from regexp_matches(v_part, v_statement, 'g') as s (found);
    select string_agg(format('step %L (%s) of run %L', l.step, array_to_string(l.entity_key, ', '), l.run_id), ', ')
    into v_keys
    from (
        select k.*
        from unwind_internal.live_keys as k
        where k.run_id = any(run_ids) and k.step in (
            select p.step
            from unwind.plan_statements as p
            where p.workflow = raise_undo_refused.workflow and p.target = any(v_tables::regclass[])
        )
        order by k.run_id, k.step, k.entity_key
        limit 5
    ) as l;
    raise 'rows of % cannot be %: %', array_to_string(v_tables, ' or '),
        case when v_part ~ 'update \S+ as t\M' then 'cleared' else 'deleted' end, message
    using errcode = 'UW020',
        detail = format('[%s] %s.', original, concat_ws('. ', message, nullif(rtrim(detail, '.'), ''),
            case when context !~ '^SQL' then split_part(context, E'\n', 1) end,
            'Such rows belong to ' || v_keys)),
        hint = coalesce(
            'What refuses is one of the triggers: ' || (
                select string_agg(format('%s on %s', c.name, t.name), ', ')
                from unnest(v_tables) as t (name)
                cross join unnest(unwind_internal.user_code(t.name::regclass, true, true)) as c (name)
            ) || ', a constraint or a publication. ', ''
        ) || format('What can be known beforehand: select * from unwind.check_workflow(%L);', workflow),
        table = v_tables[1],
        constraint = constraint_name;
end
$$;
