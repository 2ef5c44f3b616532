-- Run once, by the superuser, when the compose database is empty. Migrations connect as the owner of the schema; services connect as a
-- role that owns nothing and can not bypass row-level security.
\getenv owner_password ROLLCALL_OWNER_PASSWORD
\getenv service_password ROLLCALL_SERVICE_PASSWORD

CREATE ROLE rollcall_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'owner_password';
CREATE ROLE rollcall LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'service_password';

ALTER DATABASE rollcall OWNER TO rollcall_owner;
ALTER SCHEMA public OWNER TO rollcall_owner;

-- Whatever the owner makes later, services may use; a migration that wants less revokes it.
ALTER DEFAULT PRIVILEGES FOR ROLE rollcall_owner GRANT USAGE ON SCHEMAS TO rollcall;
ALTER DEFAULT PRIVILEGES FOR ROLE rollcall_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO rollcall;
ALTER DEFAULT PRIVILEGES FOR ROLE rollcall_owner GRANT USAGE, SELECT ON SEQUENCES TO rollcall;
