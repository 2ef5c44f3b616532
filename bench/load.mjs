/** A closed-loop load: `lanes` requests under way at any time, for a number of seconds, on kept connections. */
import { Pool } from 'undici';

export const percentile = (sorted, p) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? Number.NaN;

export const summary = (durations, seconds) => {
  const sorted = Float64Array.from(durations).sort();
  return {
    perSecond: durations.length / seconds,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    count: durations.length,
  };
};

/** Runs `next()` → { method, path, headers, body } in a loop; `seen(status, body)` gets each answer. Returns rate and latencies in ms. */
export const load = async ({ url, lanes, seconds, next, seen = () => {} }) => {
  const pool = new Pool(url, { connections: lanes, pipelining: 1 });
  const durations = [];
  const statuses = {};
  const until = performance.now() + seconds * 1000;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      while (performance.now() < until) {
        const request = next();
        const begin = performance.now();
        const { statusCode, body } = await pool.request(request);
        const text = await body.text();
        durations.push(performance.now() - begin);
        statuses[statusCode] = (statuses[statusCode] ?? 0) + 1;
        seen(statusCode, text, request);
      }
    }),
  );
  const took = (performance.now() - started) / 1000;
  await pool.close();
  return { ...summary(durations, took), statuses };
};
