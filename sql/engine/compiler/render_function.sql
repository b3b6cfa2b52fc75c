-- The whole CREATE FUNCTION of a generated function. Read one with \sf. It has no settings of its own: see
-- undo_workflow.
create or replace function unwind_internal.render_function(name text, arguments text, result text, body text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_quote text := '$unwind$';
begin
    while position(v_quote in body) > 0 loop
        v_quote := '$unwind_' || md5(v_quote || body) || '$';
    end loop;
    return format(
        'create or replace function %s(%s)
returns %s
language plpgsql
as %s
%s
%4$s',
        name, arguments, result, v_quote, body
    );
end
$$;
