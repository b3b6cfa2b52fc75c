-- The evidence of one run, as text to read or as the JSON document of describe_runs.
-- Errors: UW001, UW009 for another format.
create or replace function unwind.describe_run(run_id text, format text default 'json')
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_evidence jsonb;
begin
    if format is null or format not in ('json', 'text') then
        raise 'no format %', coalesce(quote_literal(format), 'null')
        using errcode = 'UW009',
            detail = 'Formats are json and text.',
            hint = unwind_internal.did_you_mean(format, '{json, text}')
                || pg_catalog.format('select unwind.describe_run(%L, ''text'');', run_id);
    end if;
    v_evidence := unwind.describe_runs(array[run_id]);
    return case format
        when 'text' then unwind_internal.evidence_as_text(v_evidence)
        else jsonb_pretty(v_evidence)
    end;
end
$$;
comment on function unwind.describe_run(text, text) is
'The evidence of a run, as json or text: what it was, who did what, its receipts with a sha256, what is left of it and '
'what was not touched. Counts the rows of all its tables. Errors: UW001, UW009.';
