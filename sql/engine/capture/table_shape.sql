-- What of a table its log has to follow: its columns, but generated ones, whose values are of the others; with the
-- types behind domains, whose constraints are somebody's code and would hold for images too, and without length or
-- precision, so that a wider column is no other; its primary key, and a fingerprint of all that.
create or replace function unwind_internal.table_shape(
    tbl oid, out columns text [], out types text [], out numbers smallint [], out key_columns text [],
    out fingerprint text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with shape as (
        select
            a.attname::text as name, a.attnum as number, a.attidentity,
            unwind_internal.qualified_type(format_type(b.oid, -1))
            || coalesce(' collate ' || quote_ident(n.nspname) || '.' || quote_ident(l.collname), '') as type
        from pg_attribute as a
        inner join pg_type as b on b.oid = unwind_internal.base_type(a.atttypid)
        left join pg_collation as l on l.oid = a.attcollation and l.oid <> b.typcollation
        left join pg_namespace as n on n.oid = l.collnamespace
        where a.attrelid = tbl and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    )

    select
        array_agg(s.name order by s.number),
        array_agg(s.type order by s.number),
        array_agg(s.number order by s.number),
        unwind_internal.primary_key(tbl),
        md5(concat(
            tbl, unwind_internal.primary_key(tbl),
            json_agg(json_build_array(s.number, s.name, s.type, s.attidentity) order by s.number)
        ))
    from shape as s
$$;
