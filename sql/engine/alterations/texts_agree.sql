-- Whether a change from one key type to another keeps the texts of the values, as far as they fit: among integers,
-- among texts, or to and from a domain. Else ALTER TABLE … USING, a precision or a time zone may have made others of
-- them.
create or replace function unwind_internal.texts_agree(
    key_type text, former_key_type text, base_type text, former_base_type text
)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select (base_type in ('smallint', 'integer', 'bigint') and former_base_type in ('smallint', 'integer', 'bigint'))
        or (base_type in ('text', 'character varying') and former_base_type in ('text', 'character varying'))
        or (base_type = former_base_type and key_type || former_key_type not like '%(%')
$$;
