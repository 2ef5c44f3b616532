import { describe, expect, it } from '@jest/globals';
import { knownAlarms } from '../conformance/known-alarms.js';
import { publicSuites, type Case, type PublicSuite } from '../conformance/public-suites.js';
import { TenantClient } from './clients.js';
import { startSystem } from './running-system.js';

/** What a suite found, or why it could not run. */
type Report = { readonly cases: readonly Case[] } | { readonly problem: unknown };

/** Each suite on an empty tenant of its own. They run before the tests are listed: each of their cases becomes one. */
const runAll = async (): Promise<ReadonlyMap<PublicSuite['name'], Report>> => {
  const system = await startSystem('one process');
  const run = async (suite: PublicSuite): Promise<Report> => {
    try {
      const { scimUrl, token } = await TenantClient.create(system);
      return { cases: await suite.run({ scimUrl, token }) };
    } catch (problem) {
      return { problem };
    }
  };
  try {
    return new Map(await Promise.all(publicSuites.map(async (suite) => [suite.name, await run(suite)] as const)));
  } finally {
    await system.stop();
  }
};

const reports = await runAll();

describe.each(publicSuites)('$name', ({ name, casesAtLeast }) => {
  const report = reports.get(name) ?? { problem: new Error('The suite was not run.') };
  const cases = 'cases' in report ? report.cases : [];
  const alarms = new Map(knownAlarms[name].map((alarm) => [alarm.case, alarm]));

  it('runs to its end', () => {
    if ('problem' in report) throw report.problem;
    expect(cases.length).toBeGreaterThanOrEqual(casesAtLeast);
    expect(cases.map((one) => one.name)).toEqual(expect.arrayContaining([...alarms.keys()]));
  });

  for (const found of cases) {
    const alarm = alarms.get(found.name);
    if (alarm === undefined) {
      it(found.name, () => expect(found).toEqual({ ...found, outcome: 'passed' }));
    } else {
      it(`${found.name}: ${alarm.outcome}, as known`, () => expect(found.outcome).toBe(alarm.outcome));
    }
  }
});
