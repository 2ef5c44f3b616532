import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { chaos } from '../chaos/chaos-settings.js';
import { runRound, type RoundReport } from '../chaos/round.js';
import { StoresOfARun } from '../chaos/stores-of-a-run.js';
import { times } from './clients.js';
import { startSystem, type RunningSystem } from './running-system.js';

jest.setTimeout(600_000);

let stores: StoresOfARun;
let system: RunningSystem;
const reports: RoundReport[] = [];

beforeAll(async () => {
  stores = await StoresOfARun.start();
  const backing = { databaseUrl: stores.postgres.url, brokers: [stores.kafka.link.address] };
  system = await startSystem('two of each', {}, backing);
});

afterAll(async () => {
  await system?.stop();
  await stores?.stop();
  if (chaos.isByHand) process.stderr.write(`${summary(reports)}\n`);
});

it.each(times(chaos.rounds).map((round) => chaos.seed + round))(
  'every promise holds while processes are killed and paused, with seed %i',
  async (seed) => {
    const report = await runRound(system, stores, { ...chaos, seed });
    reports.push(report);
    if (chaos.isByHand) process.stderr.write(`${JSON.stringify(report)}\n`);
    expect(report.faultsFound).toEqual([]);
    expect(report.acknowledged).toBeGreaterThan(0);
    expect(report.brokenCommits).toBeGreaterThan(1);
  },
);

const summary = (all: readonly RoundReport[]): string => {
  const sum = (of: (report: RoundReport) => number) => all.reduce((total, report) => total + of(report), 0);
  const kinds = new Set(all.flatMap(({ faults }) => Object.keys(faults)));
  const byKind = [...kinds].sort().map((kind) => `${kind}: ${sum(({ faults }) => faults[kind] ?? 0)}`);
  return [
    `${all.length} rounds, ${all.filter(({ faultsFound }) => faultsFound.length > 0).length} of them with faults found`,
    `${sum((one) => one.acknowledged)} writes acknowledged, ${sum((one) => one.unanswered)} not answered, ${sum((one) => one.events)} events, ${sum((one) => one.brokenCommits)} commits to Kafka broken`,
    ...byKind,
  ].join('\n');
};
