-- Whether a stored expression has a value that anybody may compute: a constant of a type that came with PostgreSQL,
-- with PostgreSQL's own immutable conversions around it; true for none. Whatever else stands in a default is its
-- author's code.
create or replace function unwind_internal.is_constant(expression pg_node_tree)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select not exists (
        select from regexp_matches(expression::text, '\{(\w+)', 'g') as node (name)
        where node.name[1] <> all(array['CONST', 'RELABELTYPE', 'FUNCEXPR'])
    ) and not exists (
        select from regexp_matches(expression::text, ':funcid (\d+)', 'g') as f (number)
        left join pg_proc as p on p.oid = f.number[1]::oid and p.oid < 16384 and p.provolatile = 'i'
        where p.oid is null
    ) and not exists (
        select
        from regexp_matches(expression::text, ':(?:consttype|resulttype|funcresulttype) (\d+)', 'g') as t (number)
        where t.number[1]::oid >= 16384
    )
$$;
