import { SERVICE_ROLE } from './service-role.js';

export interface SessionOptions {
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** 0: no limit. */
  readonly statementTimeoutMs?: number;
  readonly lockTimeoutMs?: number;
}

/**
 * The connection string of a session that works as the service role. The role is part of the start-up message, so it costs no round trip and
 * no connection can be used without it; it holds for a superuser's login too, which then stands under row-level security like any other.
 */
export const serviceSessionUrl = (databaseUrl: string, options: SessionOptions): string => {
  const { statementTimeoutMs = 30_000, lockTimeoutMs = 10_000 } = options;
  const url = new URL(databaseUrl);
  const settings = {
    role: SERVICE_ROLE,
    statement_timeout: `${statementTimeoutMs}`,
    lock_timeout: `${lockTimeoutMs}`,
    idle_in_transaction_session_timeout: '30000',
    default_transaction_isolation: 'read\\ committed', // whatever the database's default: the append relies on it
  };
  const given = url.searchParams.get('options');
  const ours = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  url.searchParams.set('options', [...(given === null ? [] : [given]), ...ours].join(' '));
  url.searchParams.set('application_name', options.applicationName);
  return url.href;
};
