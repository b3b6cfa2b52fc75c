-- Two roots of a step read one key differently: it could not find the rows of both.
-- Errors: UW009, always.
create or replace function unwind_internal.raise_ambiguous_key(
    root unwind.plan_statements, key text [], other_key text []
)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise 'key (%) of step % is (%) in table %',
        array_to_string(key, ', '), quote_literal(root.step), array_to_string(other_key, ', '), root.target
    using errcode = 'UW009',
        detail = 'The root tables of the step have keys of different types, and this value is not the same in all.',
        hint = format('Record it as (%s), or give the tables steps of their own.', array_to_string(other_key, ', '));
end
$$;
