-- Errors: UW018, always.
create or replace function unwind_internal.raise_images_missing(run_id text, dropped_at timestamptz)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise 'images of rows that run % changed are gone', quote_literal(run_id)
    using errcode = 'UW018',
        detail = format('They were dropped at %s: it can no longer be undone as a whole.', dropped_at),
        hint = format('What its recorded keys still reach: select * from unwind.preview_run(%L);', run_id);
end
$$;
