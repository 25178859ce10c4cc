-- The three roles and the database, on a PostgreSQL server (15 or newer) of your own. May be run again.
--
--   OWNER_PASSWORD=… APP_PASSWORD=… BACKUP_PASSWORD=… psql --username postgres --file roles.sql
--
-- ipms_owner owns the tables: migrations and backups work as it. ipms_app is what the web server and the
-- worker log in as: it owns nothing, and `manage.py prepare` gives it the rights that it has. ipms_backup may
-- do nothing here but make databases of its own: the worker restores each backup into one, to prove it.
\set ON_ERROR_STOP on
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
\getenv backup_password BACKUP_PASSWORD

-- Passwords have no place in the server's log.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';

SELECT 'CREATE ROLE ipms_owner' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ipms_owner') \gexec
SELECT 'CREATE ROLE ipms_app' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ipms_app') \gexec
SELECT 'CREATE ROLE ipms_backup' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ipms_backup') \gexec
ALTER ROLE ipms_owner LOGIN CREATEDB PASSWORD :'owner_password';
ALTER ROLE ipms_app LOGIN PASSWORD :'app_password';
ALTER ROLE ipms_backup LOGIN CREATEDB PASSWORD :'backup_password';

SELECT 'CREATE DATABASE ipms OWNER ipms_owner TEMPLATE template0 ENCODING ''UTF8'' '
    || CASE WHEN current_setting('server_version_num')::int >= 170000
        THEN 'LOCALE_PROVIDER builtin BUILTIN_LOCALE ''C.UTF-8'' LOCALE ''C'''
        ELSE 'LOCALE ''C.UTF-8''' END
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'ipms') \gexec
REVOKE ALL ON DATABASE ipms FROM PUBLIC;
GRANT CONNECT ON DATABASE ipms TO ipms_app, ipms_backup;
