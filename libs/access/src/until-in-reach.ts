import { setTimeout as pause } from 'node:timers/promises';
import { EventLogUnavailable } from '#event-sourcing';
import { isConnectionLoss } from '#postgres';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/** True when the database or the log could not be reached: nothing is wrong with the request, and later it may pass. */
export const isOutOfReach = (error: unknown): boolean =>
  error instanceof EventLogUnavailable || isConnectionLoss(error);

/**
 * Does what a process cannot start without, again and again while database or log are out of reach; tells of the first failure. Throws whatever
 * else goes wrong. `work` may be begun several times.
 */
export const untilInReach = async <T>(work: () => Promise<T>, onWaiting: (error: unknown) => void): Promise<T> => {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isOutOfReach(error)) throw error;
      if (pauseMs === FIRST_PAUSE_MS) onWaiting(error);
      await pause(pauseMs);
    }
  }
};
