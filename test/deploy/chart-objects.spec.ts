import { describe, expect, it } from '@jest/globals';
import { helm } from './helm.js';
import { checkValues, unknownFields } from './kubernetes-schemas.js';
import { cases, deployments, render, valuesFile, type KubernetesObject } from './rendered-chart.js';
import { chartDirectory } from './repository.js';

it.each(cases)('helm lint --strict has nothing to say about %s', async (name) => {
  const { code, stdout } = await helm('lint', '--strict', chartDirectory, '--values', valuesFile(name));
  expect(stdout).toContain('0 chart(s) failed');
  expect(stdout).not.toMatch(/\[(WARNING|ERROR)\]/);
  expect(code).toBe(0);
});

it.each(cases)('Every object of %s has the values and the fields that Kubernetes demands', async (name) => {
  const objects = await render(name);
  expect(objects.length).toBeGreaterThan(10);
  for (const object of objects) checkValues(object);
});

it.each(cases)('No two objects of %s have the same kind and name', async (name) => {
  const ids = (await render(name)).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  expect(ids).toEqual([...new Set(ids)]);
});

describe('Fields that Kubernetes does not know', () => {
  const planted = async (change: (object: Planted) => void): Promise<KubernetesObject> => {
    const [object] = deployments(await render('minimal'));
    const copy = structuredClone(object) as unknown as Planted;
    change(copy);
    return copy as unknown as KubernetesObject;
  };

  it('There are none in any object of any case, and those that are planted are found', async () => {
    const objects: Record<string, KubernetesObject> = {};
    for (const name of cases)
      for (const object of await render(name)) objects[`${name}_${object.kind}_${object.metadata.name}`] = object;
    objects['PLANTED_top'] = await planted((object) => (object.spec['replicaz'] = 2));
    objects['PLANTED_deep'] = await planted((object) => {
      for (const container of object.spec.template.spec.containers) container['readynessProbe'] = {};
    });

    const found = (await unknownFields(objects)).split('\n').filter((line) => line.includes('error'));

    expect(found).toHaveLength(2);
    expect(found[0]).toContain('replicaz');
    expect(found[1]).toContain('readynessProbe');
  });

  it('A wrong type and a missing field are found too', async () => {
    const wrong = await planted((object) => (object.spec['replicas'] = 'two'));
    const missing = await planted((object) => delete object.spec['selector']);
    expect(() => checkValues(wrong)).toThrow(/replicas must be integer/);
    expect(() => checkValues(missing)).toThrow(/required property selector/);
  });

  it('A wrong field of a custom resource is found too', async () => {
    const [route] = (await render('hpa')).filter(({ kind }) => kind === 'HTTPRoute');
    expect(() => checkValues({ ...(route as KubernetesObject), spec: { ...route?.spec, hostname: 'x' } })).toThrow(
      /additional properties/,
    );
  });
});

type Planted = { spec: Record<string, unknown> & { template: { spec: { containers: Record<string, unknown>[] } } } };
