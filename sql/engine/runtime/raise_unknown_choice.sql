-- Errors: UW009, always.
create or replace function unwind_internal.raise_unknown_choice(on_conflict text)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise 'on_conflict cannot be %', coalesce(quote_literal(on_conflict), 'null')
    using errcode = 'UW009',
        detail = 'A captured row that somebody else has changed since is refused, or skipped and left as it is.',
        hint = unwind_internal.did_you_mean(on_conflict, array['refuse', 'skip'])
            || 'on_conflict => ''refuse'' or ''skip''.';
end
$$;
