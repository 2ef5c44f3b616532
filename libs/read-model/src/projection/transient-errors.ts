import { EventLogUnavailable } from '#event-sourcing';
import { isConnectionLoss } from '#postgres';

// Serialisation failure, deadlock, lock or statement timeout; classes: out of resources, operator's intervention, system error.
const TRANSIENT = /^(40001|40P01|55P03|53...|57...|58...)$/;

/** Whether trying again may help: then nothing is parked. */
export const isTransient = (error: unknown): boolean =>
  error instanceof EventLogUnavailable || isConnectionLoss(error) || TRANSIENT.test(sqlState(error) ?? '');

/** The SQLSTATE of an error that came from PostgreSQL. */
export const sqlState = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code)
    ? error.code
    : undefined;
