import { describe, expect, it } from '@jest/globals';
import type { IJob } from 'kubernetes-models/batch/v1/Job';
import {
  containers,
  deployments,
  ofKind,
  pods,
  render,
  renderWith,
  valuesFile,
  type KubernetesObject,
} from './rendered-chart.js';

const hook = ({ metadata }: KubernetesObject): string | undefined => metadata.annotations?.['helm.sh/hook'];
const weight = ({ metadata }: KubernetesObject): number => Number(metadata.annotations?.['helm.sh/hook-weight']);
const jobs = (objects: readonly KubernetesObject[]) => ofKind<IJob>(objects, 'Job');

describe('The migration Job', () => {
  it('runs before install and upgrade, and runs the migrate command of the cli', async () => {
    const [job] = jobs(await render('minimal'));
    expect(job && hook(job)).toBe('pre-install,pre-upgrade');
    expect(job?.spec?.template.spec?.restartPolicy).toBe('Never');
    expect(job?.spec?.template.spec?.containers[0]?.args?.slice(-2)).toEqual(['dist/apps/cli/src/main.js', 'migrate']);
  });

  it('needs nothing that only comes after it: account, secret and policy are earlier hooks', async () => {
    const objects = await render('development');
    const [job] = jobs(objects);
    const early = objects.filter((object) => hook(object) !== undefined && object.kind !== 'Job');
    expect(early.map(({ kind }) => kind).sort()).toEqual(['NetworkPolicy', 'Secret', 'ServiceAccount']);
    for (const object of early) {
      expect(hook(object)).toBe('pre-install,pre-upgrade');
      expect(weight(object)).toBeLessThan(job === undefined ? NaN : weight(job));
    }
    const names = early.map(({ metadata }) => metadata.name);
    const pod = job?.spec?.template.spec;
    expect(names).toContain(pod?.serviceAccountName);
    for (const { valueFrom } of pod?.containers[0]?.env ?? [])
      if (valueFrom?.secretKeyRef !== undefined) expect(names).toContain(valueFrom.secretKeyRef.name);
  });

  it('connects as the owner of the schema, the services do not', async () => {
    const database = pods(await render('full')).map((pod) => [
      pod.owner,
      containers(pod)[0]?.env?.find(({ name }) => name === 'DATABASE_URL')?.valueFrom?.secretKeyRef?.key,
    ]);
    for (const [owner, key] of database)
      expect(key).toBe(owner === 'rel-rollcall-migrate' ? 'owner-url' : 'service-url');
  });

  it('is not waited for by a hook that the services need: nothing of theirs is a hook', async () => {
    for (const deployment of deployments(await render('minimal'))) expect(hook(deployment)).toBeUndefined();
  });
});

describe('Other modes', () => {
  it('init: an init container in every pod, no Job and no hook', async () => {
    const objects = await render('kurrentdb');
    expect(jobs(objects)).toEqual([]);
    expect(objects.filter((object) => hook(object) !== undefined)).toEqual([]);
    for (const { spec } of deployments(objects)) {
      const [migrate] = spec?.template.spec?.initContainers ?? [];
      expect(migrate?.args?.at(-1)).toBe('migrate');
      expect(migrate?.env?.find(({ name }) => name === 'DATABASE_URL')?.valueFrom?.secretKeyRef?.name).toBe(
        'rollcall-owner',
      );
    }
  });

  it('init with inline secrets: their Secret is an ordinary one', async () => {
    const objects = await renderWith('--values', valuesFile('development'), '--set', 'migrations.mode=init');
    const secrets = ofKind(objects, 'Secret');
    expect(secrets.map(({ metadata }) => metadata.name).sort()).toEqual([
      'rel-rollcall-inline',
      'rel-rollcall-migrate',
    ]);
    expect(secrets.map(hook)).toEqual([undefined, undefined]);
  });

  it('off: nothing migrates', async () => {
    const objects = await renderWith('--values', valuesFile('development'), '--set', 'migrations.mode=off');
    expect(JSON.stringify(objects)).not.toContain('migrate');
  });
});
