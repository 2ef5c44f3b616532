import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createStage, type Stage } from '../../read-model.fixture.js';
import { fillLargeDirectory, TENANT } from './large-directory.fixture.js';
import { lookUps, type LookUp } from './look-ups.fixture.js';
import { explain, type PlanMode, type QueryPlan } from './query-plan.fixture.js';

/** ANALYZE takes samples of 30,000 rows: below that its statistics, and with them the plans, are the same each time. */
const SIZE = { users: 12_000, others: 12_000, groups: 4_000 };
const SNAPSHOTS = join(import.meta.dirname, 'snapshots');
/** Rows that one step may read in vain: far fewer than there are of anything. */
const MOST_IN_VAIN = 250;

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
  await fillLargeDirectory(stage.owner, SIZE);
}, 120_000);
afterAll(() => stage.close());

const all = lookUps(SIZE.users);
const plan = (lookUp: LookUp, mode: PlanMode): Promise<QueryPlan> =>
  explain(stage.tenants, TENANT, lookUp.statement, mode);

describe('the SQL of a look-up is a reviewed snapshot with its plan (UPDATE_DOCS=1 writes it anew)', () => {
  it.each(all.map((lookUp) => [lookUp.name, lookUp] as const))('%s', async (_, lookUp) => {
    const plans = { custom: await plan(lookUp, 'custom'), generic: await plan(lookUp, 'generic') };
    const wanted = snapshotOf(lookUp, plans);
    expect(kept(fileOf(lookUp), wanted)).toBe(wanted);
  });

  it('there is no snapshot of a look-up that is no more', () =>
    expect(readdirSync(SNAPSHOTS).sort()).toEqual(all.map(fileOf).sort()));
});

describe('under row-level security, as the service role', () => {
  const common = all.filter(({ scans }) => scans === undefined);

  it.each(common.map((lookUp) => [lookUp.name, lookUp] as const))(
    'C-E2 %s reads no table from end to end, with and without a prepared plan',
    async (_, lookUp) => {
      for (const mode of ['custom', 'generic'] as const) {
        const { scanned, inVain } = await plan(lookUp, mode);
        expect(scanned).toEqual([]);
        expect(inVain).toBeLessThan(MOST_IN_VAIN);
      }
    },
  );

  it.each(['group by id, without members', 'groups, first page', 'groups, displayName eq'])(
    'R78 %s touches no membership row',
    (name) => expect(named(name).statement.text).not.toContain('read_memberships'),
  );

  it('a page reads the documents of that page only', async () => {
    const { steps } = await plan(named('users, page in the middle'), 'custom');
    expect(steps.join('\n')).toMatch(/Limit\s+Result\s+Index Only Scan by read_users_pkey/);
  });
});

const named = (name: string): LookUp => {
  const found = all.find((lookUp) => lookUp.name === name);
  if (found === undefined) throw new Error(`There is no look-up "${name}".`);
  return found;
};

const fileOf = ({ name }: LookUp): string => `${name.replaceAll(/[^\w]+/g, '-').toLowerCase()}.sql`;

const snapshotOf = (
  { name, scans, statement }: LookUp,
  { custom, generic }: Readonly<Record<PlanMode, QueryPlan>>,
): string => {
  const { text, values = [], reach } = statement;
  const differs = generic.steps.join() !== custom.steps.join();
  const lines = [
    `-- ${name}${scans === undefined ? '' : ` (scans: ${scans})`}`,
    `-- reach: ${reach}`,
    ...values.map((value, index) => `-- $${index + 1}: ${JSON.stringify(value)}`),
    ...text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.replace(/^ {2}/, '')])),
    '-- plan',
    ...custom.steps.map((step) => `--   ${step}`),
    ...(differs ? ['-- plan, prepared', ...generic.steps.map((step) => `--   ${step}`)] : []),
  ];
  return `${lines.join('\n')}\n`;
};

/** What was reviewed. UPDATE_DOCS=1 writes what is there now, to be reviewed as a difference. */
const kept = (file: string, wanted: string): string => {
  const path = join(SNAPSHOTS, file);
  if (process.env['UPDATE_DOCS'] === '1') {
    mkdirSync(SNAPSHOTS, { recursive: true });
    writeFileSync(path, wanted);
  }
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};
