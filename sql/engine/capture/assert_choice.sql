-- What is to become of captured rows that somebody else has changed since.
-- Errors: UW009.
create or replace function unwind_internal.assert_choice(on_conflict text)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if on_conflict in ('refuse', 'skip', 'merge') then
        return;
    end if;
    raise 'on_conflict cannot be %', coalesce(quote_literal(on_conflict), 'null')
    using errcode = 'UW009',
        detail = 'A captured row that somebody else has changed since is refused; skipped and left as it is; or '
            'merged, column by column.',
        hint = unwind_internal.did_you_mean(on_conflict, array['refuse', 'skip', 'merge'])
            || 'on_conflict => ''refuse'', ''skip'' or ''merge''.';
end
$$;
