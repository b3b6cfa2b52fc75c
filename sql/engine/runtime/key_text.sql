-- A key value as the ledger writes it: the same text in every session, whatever its settings, and one text for
-- 1.5 and 1.50.
create or replace function unwind_internal.key_text(value anyelement)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
set timezone = 'UTC'
set bytea_output = 'hex'
set extra_float_digits = 1
as $$
begin
    if pg_typeof(value) = 'numeric'::regtype then
        return trim_scale(value::text::numeric)::text;
    end if;
    -- A cast to text of a type that did not come with PostgreSQL can be anybody's code.
    if pg_typeof(value)::oid >= 16384 then
        return case when value is not null then format('%s', value) end;
    end if;
    return value::text;
end
$$;
