-- Nobody but the owner gets in until a DBA says so: sql/dba/grant_access.sql gives a role what it needs.
revoke all on schema unwind, unwind_internal, unwind_compiled from public;
