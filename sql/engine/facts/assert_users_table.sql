-- Refuses tables whose rows are nobody's to undo: the engine's own, PostgreSQL's, and temporary ones, which only their
-- session sees.
-- Errors: UW009.
create or replace function unwind_internal.assert_users_table(tbl regclass)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_reason text := (
        select case
            when c.relpersistence = 't' then 'It is temporary: only its own session sees its rows.'
            when n.nspname in ('unwind', 'unwind_internal', 'unwind_compiled', 'unwind_captured')
                then 'It is the engine''s own.'
            when n.nspname in ('pg_catalog', 'information_schema', 'pg_toast') then 'It is PostgreSQL''s own.'
        end
        from pg_class as c
        inner join pg_namespace as n on n.oid = c.relnamespace
        where c.oid = tbl
    );
begin
    if v_reason is not null then
        raise 'rows of % cannot be undone', tbl
        using errcode = 'UW009',
            detail = v_reason,
            hint = 'Name a table of the application''s, with its schema.';
    end if;
end
$$;
