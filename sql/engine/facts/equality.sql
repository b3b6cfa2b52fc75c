-- How generated SQL asks whether a value of a child's type equals one of its parent's: what stands between the two.
-- The one place that knows. Never a bare =, which is whatever the caller's search_path finds first, but the operator of
-- the default operator class (equality_class) with its schema: the one for both types where there is one; or else the
-- parent's, with a cast of the child, as in PostgreSQL's own foreign keys; or else the child's, to whose type the
-- parent's values go by themselves. A collation is put to the child. Null where the two cannot be compared. Reads the
-- catalog, and runs nothing.
create or replace function unwind_internal.equality(child_type oid, parent_type oid, collation_name text default null)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_child_type oid;
    v_parent_type oid;
    v_child record;
    v_parent record;
    v_operator text;
    v_cast text;
begin
    -- What comes out below for the commonest types, without asking it thousands of times.
    if child_type = parent_type and collation_name is null and child_type in (
        'int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'text'::regtype, 'uuid'::regtype
    ) then
        return 'operator(pg_catalog.=)';
    end if;
    v_child_type := unwind_internal.base_type(child_type);
    v_parent_type := unwind_internal.base_type(parent_type);
    select c.* into v_child from unwind_internal.equality_class(v_child_type) as c;
    select c.* into v_parent from unwind_internal.equality_class(v_parent_type) as c;
    if not unwind_internal.parts_can_compare(v_parent_type) then
        return null;
    end if;
    -- One operator serves all arrays, enums, ranges or rows, but only two of the same type.
    if v_child_type = v_parent_type
        or not exists (select from pg_type as t where t.oid = v_parent.input and t.typtype = 'p')
    then
        v_operator := unwind_internal.family_equality(
            v_parent.family, v_child.input, v_parent.input, v_parent.strategy
        );
    end if;
    if v_operator is null and unwind_internal.is_castable(v_child_type, v_parent_type, false) then
        v_cast := '::' || unwind_internal.qualified_type(format_type(v_parent_type, -1));
        v_operator := unwind_internal.family_equality(
            v_parent.family, v_parent.input, v_parent.input, v_parent.strategy
        );
    end if;
    if v_operator is null and unwind_internal.is_castable(v_parent_type, v_child_type, true) then
        v_operator := unwind_internal.family_equality(v_child.family, v_child.input, v_child.input, v_child.strategy);
    end if;
    return ltrim(concat(v_cast, ' collate ' || collation_name) || ' ' || v_operator);
end
$$;
