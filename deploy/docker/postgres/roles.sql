-- Run once, by the superuser, when the compose database is empty. Migrations connect as the owner of the schema; services log in as `rollcall`
-- and work as `rollcall_service`, which owns nothing, cannot bypass row-level security, and gets its rights table by table from the migrations.
\getenv owner_password ROLLCALL_OWNER_PASSWORD
\getenv service_password ROLLCALL_SERVICE_PASSWORD

CREATE ROLE rollcall_service NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
CREATE ROLE rollcall_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'owner_password';
CREATE ROLE rollcall LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'service_password';
GRANT rollcall_service TO rollcall;

ALTER DATABASE rollcall OWNER TO rollcall_owner;
ALTER SCHEMA public OWNER TO rollcall_owner;
