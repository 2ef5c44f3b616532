import { expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { helmTemplate } from './helm.js';
import { valuesFile } from './rendered-chart.js';
import { text } from './repository.js';

type Node = Readonly<{
  [key: string]: unknown;
  properties?: Readonly<Record<string, Node>>;
  additionalProperties?: unknown;
}>;

const schema = JSON.parse(text('deploy/helm/rollcall/values.schema.json')) as Node & {
  $defs: Readonly<Record<string, Node>>;
};

/** Every object schema in it, with its path. */
const objects = (node: unknown, path: string): readonly (readonly [string, Node])[] => {
  if (typeof node !== 'object' || node === null) return [];
  const below = Object.entries(node).flatMap(([key, value]) => objects(value, `${path}/${key}`));
  return (node as Node)['type'] === 'object' ? [[path, node as Node], ...below] : below;
};

it('Every object is closed, or a map of strings; only `global`, which is Helm’s, is open', () => {
  const open = objects(schema, '#').filter(([, { additionalProperties }]) => additionalProperties !== false);
  for (const [path, { additionalProperties }] of open)
    if (path !== '#/properties/global') expect([path, additionalProperties]).toEqual([path, { type: 'string' }]);
});

it('Schema and values.yaml know the same keys, at every level', () => {
  const keys = (value: unknown, path: string): readonly string[] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([key, below]) => [`${path}.${key}`, ...keys(below, `${path}.${key}`)])
      : [];
  const allowed = (node: Node, path: string): readonly string[] => {
    const reference = typeof node['$ref'] === 'string' ? schema.$defs[node['$ref'].replace('#/$defs/', '')] : node;
    return Object.entries(reference?.properties ?? {}).flatMap(([key, below]) => [
      `${path}.${key}`,
      ...allowed(below, `${path}.${key}`),
    ]);
  };
  const described = keys(parse(text('deploy/helm/rollcall/values.yaml')), '');
  expect([...described].sort()).toEqual(
    allowed(schema, '')
      .filter((key) => key !== '.global')
      .sort(),
  );
});

it.each([
  ['an unknown key at the top', 'replicaCount=2', 'replicaCount'],
  ['an unknown key in a component', 'scimApi.replica=2', 'replica'],
  ['an unknown key of resources', 'scimApi.resources.limits.cpu=1', 'cpu'],
  ['an unknown key deep down', 'kafka.sasl.user=x', 'user'],
  ['a number as text', 'auth.replicas=two', 'replicas'],
  ['text as a switch', 'ingress.enabled=maybe', 'enabled'],
  ['a log engine there is not', 'eventLog=mysql', 'eventLog'],
  ['a mode of migration there is not', 'migrations.mode=hook', 'mode'],
  ['a public URL with a path', 'publicUrl=https://example.com/scim', 'publicUrl'],
  ['a broker without port', 'kafka.brokers={kafka}', 'brokers'],
  ['a memory limit the heap can not be computed from', 'auth.resources.limits.memory=500M', 'memory'],
  ['a setting by the back door that has a key of its own', 'auth.extraEnv.MASTER_KEY=x', 'MASTER_KEY'],
  ['a label that selectors rely on', 'pod.labels.app\\.kubernetes\\.io/name=x', 'app.kubernetes.io/name'],
  ['a short operator token', 'adminToken.value=short', 'adminToken'],
])('refuses %s', async (_, set, named) => {
  const { code, stderr } = await helmTemplate('--values', valuesFile('minimal'), '--set', set);
  expect(code).not.toBe(0);
  expect(stderr).toContain("values don't meet the specifications of the schema");
  expect(stderr).toContain(named);
});
