-- The workflow as text, or as a Mermaid or DOT graph of steps, tables and links.
-- Errors: UW008; UW009 for another format.
create or replace function unwind.describe_workflow(workflow text, format text default 'text')
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.compile_in_time();
    perform unwind_internal.assert_workflow(workflow);
    if format is null or format not in ('text', 'mermaid', 'dot') then
        raise 'no format %', coalesce(quote_literal(format), 'null')
        using errcode = 'UW009',
            detail = 'Formats are text, mermaid and dot.',
            hint = unwind_internal.did_you_mean(format, '{text, mermaid, dot}')
                || pg_catalog.format('select unwind.describe_workflow(%L);', workflow);
    end if;
    return case format
        when 'mermaid' then unwind_internal.describe_as_mermaid(workflow)
        when 'dot' then unwind_internal.describe_as_dot(workflow)
        else unwind_internal.describe_as_text(workflow)
    end;
end
$$;
comment on function unwind.describe_workflow(text, text) is
'Steps, tables and links of a workflow as text, mermaid or dot. Errors: UW008, UW009.';
