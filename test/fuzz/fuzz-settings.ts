import { randomInt } from 'node:crypto';
import type { Parameters } from 'fast-check';

/** What `npm run fuzz` asks for; without it, a short round from a fixed seed. */
const seconds = Number(process.env['FUZZ_SECONDS'] ?? 0);
const seed = Number(process.env['FUZZ_SEED'] ?? (seconds > 0 ? randomInt(2 ** 31) : 1));

export const fuzzing = {
  seed,
  seconds,
  /** Longer than this is a hang. A short round runs beside other suites, so it is patient. */
  hangMs: seconds > 0 ? 2_000 : 20_000,
};

/** For one of `shares` equal parts of the time, or for `runs` cases in a short round. */
export const round = <T>(runs: number, shares: number): Parameters<T> =>
  seconds > 0
    ? {
        seed,
        numRuns: Number.MAX_SAFE_INTEGER,
        interruptAfterTimeLimit: (seconds * 1_000) / shares,
        markInterruptAsFailure: false,
      }
    : { seed, numRuns: runs };
