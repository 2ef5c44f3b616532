import { Command } from 'commander';
import pg from 'pg';
import { signingKeyTable } from '#access';
import { LocalMasterKey, MasterKeyRing, MasterKeyRotation, tenantKeyTable, type RotationProgress } from '#encryption';
import { settingsOfCli } from './cli-settings.js';
import { showProgress } from './progress.js';

/** `rollcall keys`: the master key. Both commands log in as the owner of the schema, like `migrate`. */
export const keysCommand = (): Command =>
  new Command('keys')
    .description('Which master keys are in use; wrapping everything anew with the current one.')
    .addCommand(statusCommand())
    .addCommand(rotateCommand());

const statusCommand = (): Command =>
  new Command('status').description('Says how many keys each master key has wrapped.').action(async () => {
    const known = masterKeys();
    const uses = await asOwner((rotation) => rotation.status());
    for (const { table, masterKeyId, keys } of uses)
      console.log(`${table}: ${keys} wrapped by ${masterKeyId}${remark(masterKeyId, known)}`);
    if (uses.length === 0) console.log('There are no keys yet.');
  });

const rotateCommand = (): Command =>
  new Command('rotate')
    .description(
      'Wraps every key with MASTER_KEY that one of MASTER_KEY_PREVIOUS has wrapped. Safe to stop and to repeat.',
    )
    .action(async () => {
      const known = masterKeys();
      if (known === undefined) throw new Error('MASTER_KEY is required: the master key to wrap everything with.');
      const { total, done, broken } = await asOwner((rotation) => followed(rotation.run(known)));
      console.log(`${done} of ${total} keys are wrapped by ${known.currentId} now.`);
      for (const { tenantId, purpose, version } of broken)
        console.error(
          `The ${purpose} key (version ${version}) of tenant ${tenantId} does not open: its row was changed.`,
        );
      if (broken.length > 0) process.exitCode = 1;
    });

const masterKeys = (): MasterKeyRing | undefined => {
  const { MASTER_KEY, MASTER_KEY_PREVIOUS } = settingsOfCli();
  if (MASTER_KEY === undefined) return undefined;
  return new MasterKeyRing(
    new LocalMasterKey(MASTER_KEY),
    MASTER_KEY_PREVIOUS.map((key) => new LocalMasterKey(key)),
  );
};

const remark = (masterKeyId: string, known: MasterKeyRing | undefined): string => {
  if (known === undefined) return '';
  if (masterKeyId === known.currentId) return ' (MASTER_KEY)';
  return known.holds(masterKeyId) ? ' (in MASTER_KEY_PREVIOUS)' : ' (not at hand!)';
};

const followed = async (rotation: AsyncIterable<RotationProgress>): Promise<RotationProgress> => {
  let last: RotationProgress = { total: 0, done: 0, broken: [] };
  let shown: ReturnType<typeof showProgress> | undefined;
  try {
    for await (last of rotation) {
      shown ??= showProgress('rewrapping keys', last.total);
      shown.show(last.done);
    }
  } finally {
    shown?.end();
  }
  return last;
};

const asOwner = async <Result>(work: (rotation: MasterKeyRotation) => Promise<Result>): Promise<Result> => {
  const session = new pg.Client({
    connectionString: settingsOfCli().DATABASE_URL,
    application_name: 'rollcall-keys',
  });
  await session.connect();
  try {
    return await work(new MasterKeyRotation(session, [tenantKeyTable, signingKeyTable]));
  } finally {
    await session.end();
  }
};
