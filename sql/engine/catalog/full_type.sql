-- The type of a column with all that says which text is a value of it and which values are equal: its length or
-- precision, and a collation under which different texts are equal. Behind a domain, as column_type: what a domain
-- checks is code of its owner's, which nobody runs with the engine's rights.
create or replace function unwind_internal.full_type(tbl regclass, column_name text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_type oid;
    v_modifier int;
    v_collation text;
    v_behind record;
begin
    select
        a.atttypid, a.atttypmod,
        ' collate ' || (
            select format('%I.%I', n.nspname, l.collname)
            from pg_collation as l
            inner join pg_namespace as n on n.oid = l.collnamespace
            where l.oid = a.attcollation and not l.collisdeterministic
        )
    into v_type, v_modifier, v_collation
    from pg_attribute as a
    where a.attrelid = full_type.tbl and a.attname = full_type.column_name and not a.attisdropped;
    loop
        select t.typbasetype as type, t.typtypmod as modifier into v_behind
        from pg_type as t
        where t.oid = v_type and t.typtype = 'd';
        exit when not found;
        v_type := v_behind.type;
        v_modifier := v_behind.modifier;
    end loop;
    return format_type(v_type, v_modifier) || coalesce(v_collation, '');
end
$$;
