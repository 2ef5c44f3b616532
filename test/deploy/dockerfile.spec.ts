import { expect, it } from '@jest/globals';
import { text } from './repository.js';

const dockerfile = text('deploy/docker/Dockerfile');
/** Instructions with their continued lines joined, comments left out. */
const instructions = dockerfile
  .replace(/\\\n\s*/g, ' ')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const);
const values = (name: string): readonly string[] =>
  instructions.filter(([instruction]) => instruction === name).map(([, value]) => value);
const last = instructions.slice(instructions.findLastIndex(([instruction]) => instruction === 'FROM'));
const final = (name: string): readonly string[] =>
  last.filter(([instruction]) => instruction === name).map(([, value]) => value);

it('Every base is pinned by version and digest, or is an earlier stage', () => {
  const stages = new Set<string>();
  for (const from of values('FROM')) {
    const [base = '', , stage] = from.split(' ');
    if (!stages.has(base)) expect(base).toMatch(/^[a-z0-9./-]+:[a-z0-9.-]+@sha256:[0-9a-f]{64}$/);
    if (stage !== undefined) stages.add(stage);
  }
});

it('Node is the version that the tests run on', () => {
  const { devDependencies } = JSON.parse(text('package.json')) as { devDependencies: Readonly<Record<string, string>> };
  expect(values('FROM')[0]).toContain(`node:${devDependencies['node']}-`);
});

it('The image that ships is distroless, runs as 65532 and runs nothing while it is built', () => {
  expect(final('FROM')[0]).toMatch(/^gcr\.io\/distroless\/.+:nonroot@/);
  expect(final('USER')).toEqual(['65532:65532']);
  expect(final('RUN')).toEqual([]);
});

it('The entry point is node itself, in exec form, so that SIGTERM reaches it', () => {
  const [entrypoint = ''] = final('ENTRYPOINT');
  expect(JSON.parse(entrypoint)).toEqual(['/usr/local/bin/node', '--enable-source-maps']);
  expect(JSON.parse(final('CMD')[0] ?? '')).toEqual(['dist/apps/cli/src/main.js', '--help']);
});

it('Packages come from the lock file without running their scripts, and only those of production are shipped', () => {
  const installs = values('RUN').filter((command) => command.includes('npm ci'));
  expect(installs).toHaveLength(2);
  for (const install of installs) expect(install).toContain('--ignore-scripts');
  expect(installs[1]).toContain('--omit=dev');
  expect(final('COPY')).toContain('--from=dependencies /src/node_modules node_modules');
  expect(values('RUN').some((command) => /npm (install|i)\b/.test(command))).toBe(false);
});

it('It carries OCI labels and no secret', () => {
  for (const label of ['title', 'description', 'version', 'revision'])
    expect(final('LABEL')[0]).toContain(`org.opencontainers.image.${label}=`);
  expect([...values('ARG'), ...values('ENV')].filter((value) => /TOKEN|SECRET|PASSWORD|KEY/.test(value))).toEqual([]);
});

it('The build context is a list of what is let in, not of what is kept out', () => {
  const [first, ...rules] = text('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(first).toBe('*');
  for (const copied of values('COPY').filter((value) => !value.startsWith('--from')))
    for (const source of copied.split(' ').slice(0, -1)) expect(rules).toContain(`!${source}`);
});
