-- An SQL expression of type text that is the same for all values that a key column holds equal, and for no others:
-- by it entities are owned. For most types that is the value as key_text writes it. Where equal values can print
-- differently (citext, numbers inside arrays, 1 day and 24 hours, a collation that ignores case) it is their hash.
create or replace function unwind_internal.render_identity(tbl regclass, column_name text, expression text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when unwind_internal.full_type(tbl, column_name) like '% collate %'
            or b.typcategory in ('A', 'R', 'C')
            or b.oid in ('interval'::regtype, 'jsonb'::regtype)
            then format('pg_catalog.hash_record_extended(row(%s), 0)::pg_catalog.text', expression)
        when b.typname = 'citext' and b.typtype = 'b'
            then format('pg_catalog.lower((%s)::pg_catalog.text collate pg_catalog."default")', expression)
        -- These print alike under all settings.
        when b.oid in (
            'text'::regtype, 'varchar'::regtype, 'int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'uuid'::regtype
        ) then format('(%s)::pg_catalog.text', expression)
        else format('unwind_internal.key_text((%s)::%s)', expression,
            unwind_internal.qualified_type(format_type(b.oid, -1)))
    end
    from pg_type as b
    where b.oid = unwind_internal.column_type(tbl, column_name)::regtype
$$;
