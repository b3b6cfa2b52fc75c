-- Whether this transaction, or a part of it between savepoints, wrote the version of a row that it sees: the version's
-- number (xmin) is that of this transaction, or a later one that has not ended, for what others have not ended nobody
-- else sees. Numbers go round: one far behind belongs to a row so old that it may look as if it came from the future,
-- of which PostgreSQL knows nothing.
create or replace function unwind_internal.is_own_write(version xid)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_own constant bigint := pg_current_xact_id_if_assigned()::text::bigint;
    v_ahead constant bigint := (version::text::bigint - v_own % 4294967296 + 4294967296)
        % 4294967296;
begin
    if v_own is null or v_ahead >= 2147483648 then
        return false;
    end if;
    return v_ahead = 0 or pg_xact_status((v_own + v_ahead)::text::xid8) = 'in progress';
exception
    when invalid_parameter_value then
        return false;
end
$$;
