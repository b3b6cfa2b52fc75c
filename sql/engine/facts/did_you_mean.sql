-- The beginning of a hint where a name is not one of those that there are: the nearest of them, as a question; empty
-- where none is near. So many letters may be wrong as a third of it, at least one; two that changed places are one.
create or replace function unwind_internal.did_you_mean(given text, names text [])
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_letters text [] := string_to_array(lower(left(given, 64)), null);
    v_most int := greatest(1, coalesce(cardinality(v_letters), 0) / 3);
    v_name text;
    v_others text [];
    v_before int [];
    v_row int [];
    v_next int [];
    v_nearest text;
begin
    foreach v_name in array names loop
        continue when given = '' or coalesce(abs(length(v_name) - length(given)) > v_most, true);
        v_others := string_to_array(lower(v_name), null);
        v_row := array(select generate_series(0, cardinality(v_others)));
        for i in 1..cardinality(v_letters) loop
            v_next := array[i];
            for j in 1..cardinality(v_others) loop
                v_next := v_next || least(
                    v_row[j + 1] + 1, v_next[j] + 1, v_row[j] + (v_letters[i] <> v_others[j])::int,
                    case
                        when i > 1 and j > 1 and v_letters[i] = v_others[j - 1] and v_letters[i - 1] = v_others[j]
                            then v_before[j - 1] + 1
                    end
                );
            end loop;
            v_before := v_row;
            v_row := v_next;
        end loop;
        if v_row[cardinality(v_row)] <= v_most then
            v_most := v_row[cardinality(v_row)] - 1;
            v_nearest := v_name;
        end if;
    end loop;
    return coalesce('did you mean ' || v_nearest || '? If not: ', '');
end
$$;
