-- The key as the root's column types write it: read as the session reads such values (DateStyle, TimeZone), written
-- as key_text writes them in every session. A value is read by its type's input function, as a literal is: no cast and
-- no domain of anybody's runs here, where the rights may be those of the engine's owner.
-- Errors: UW009 for a wrong number of values, a null, or a value that the column could not hold as it is.
create or replace function unwind_internal.canonical_key(root unwind.plan_statements, entity_key text [])
returns text []
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_value text;
    v_fits boolean;
    v_key text [] := '{}'::text [];
begin
    entity_key := unwind_internal.plain_array(entity_key);
    if root.action = 'keys' and coalesce(cardinality(entity_key), 0) <> cardinality(root.columns) then
        raise 'step % takes keys of % values, not %',
            quote_literal(root.step), cardinality(root.columns), coalesce(cardinality(entity_key), 0)
        using errcode = 'UW009',
            detail = format('The key columns of %s are (%s).', root.target, array_to_string(root.columns, ', ')),
            hint = 'Give one value for each of them.';
    end if;
    if entity_key is null or array_position(entity_key, null) is not null then
        raise 'an entity key of step % has a null', quote_literal(root.step)
        using errcode = 'UW009',
            detail = 'A null finds no row, so nothing recorded under it could be undone.',
            hint = 'Record the value that the row has, or will have.';
    end if;
    if root.full_types <@ array['text', 'character varying'] then
        return entity_key;
    end if;
    for i in 1..cardinality(entity_key) loop
        begin
            -- The commonest without a query.
            case root.full_types[i]
                when 'text', 'character varying' then v_value := entity_key[i];
                when 'smallint' then v_value := entity_key[i]::smallint::text;
                when 'integer' then v_value := entity_key[i]::int::text;
                when 'bigint' then v_value := entity_key[i]::bigint::text;
                when 'uuid' then v_value := entity_key[i]::uuid::text;
                else
                    if root.types[i]::regtype::oid >= 16384 then -- not PostgreSQL's own: it may have changed
                        perform unwind_internal.assert_key_types(root.target, root.columns[i:i]);
                    end if;
                    execute format(
                        case
                            when root.types[i] = root.full_types[i] then 'select unwind_internal.key_text(%1$s), true'
                            -- A cast to a length cuts without a word.
                            else 'select v.value, v.value = unwind_internal.key_text(%1$s::%2$s) '
                                'from (select unwind_internal.key_text(%1$s)) as v (value)'
                        end,
                        unwind_internal.render_reading(quote_literal(entity_key[i]), root.types[i]), root.full_types[i]
                    ) into v_value, v_fits;
                    if not v_fits then
                        raise string_data_right_truncation
                        using message = 'it is too long or too precise for the column';
                    end if;
            end case;
        exception
            when data_exception then
                raise 'value % is no %', quote_literal(entity_key[i]), root.full_types[i]
                using errcode = 'UW009',
                    detail = format('Column %I of %s is of that type: %s.', root.columns[i], root.target, sqlerrm),
                    hint = 'Record the value that the row has, or will have.';
        end;
        v_key := v_key || v_value;
    end loop;
    return v_key;
end
$$;
