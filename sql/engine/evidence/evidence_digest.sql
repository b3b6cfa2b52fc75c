-- What tells whether evidence was changed: of a record that describe_run gives, or of one that was read from a file.
-- jsonb has one text for one value, whatever the order and the spaces it was written with.
create or replace function unwind.evidence_digest(record jsonb)
returns text
language sql
immutable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select encode(sha256(convert_to(evidence_digest.record::text, 'UTF8')), 'hex')
$$;
comment on function unwind.evidence_digest(jsonb) is
'The sha256 of the record of a run, as in describe_run: hexadecimal. No errors of its own.';
