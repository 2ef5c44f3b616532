import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { IJob } from 'kubernetes-models/batch/v1/Job';
import type { IContainer } from 'kubernetes-models/v1/Container';
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';
import { parseAllDocuments } from 'yaml';
import { helmTemplate } from './helm.js';
import { chartDirectory } from './repository.js';

/** What every Kubernetes object has. */
export type KubernetesObject = Readonly<{
  apiVersion: string;
  kind: string;
  metadata: Readonly<{ name: string; annotations?: Readonly<Record<string, string>> }>;
  spec?: object;
  stringData?: Readonly<Record<string, string>>;
}>;

const ci = join(chartDirectory, 'ci');

/** One per way of using the chart: `minimal`, `full`, … */
export const cases: readonly string[] = readdirSync(ci)
  .map((file) => file.replace('-values.yaml', ''))
  .sort();

export const valuesFile = (name: string): string => join(ci, `${name}-values.yaml`);

const rendered = new Map<string, Promise<readonly KubernetesObject[]>>();

/** The objects of one case, rendered once however often they are asked for. Throws what helm says when it refuses. */
export const render = (name: string): Promise<readonly KubernetesObject[]> => {
  const known = rendered.get(name) ?? renderWith('--values', valuesFile(name));
  rendered.set(name, known);
  return known;
};

/** The objects for the arguments given. */
export const renderWith = async (...args: string[]): Promise<readonly KubernetesObject[]> => {
  const { code, stdout, stderr } = await helmTemplate(...args);
  if (code !== 0) throw new Error(stderr);
  return parse(stdout);
};

/** The manifests as objects. A key that occurs twice in one mapping is an error here, as it is for the API server. */
export const parse = (manifests: string): readonly KubernetesObject[] =>
  [...parseAllDocuments(manifests)].flatMap((document) => {
    const [fault] = document.errors;
    if (fault !== undefined) throw fault;
    const object = document.toJS() as KubernetesObject | null;
    return object === null ? [] : [object];
  });

export const ofKind = <Kind extends object = KubernetesObject>(
  objects: readonly KubernetesObject[],
  kind: string,
): readonly (KubernetesObject & Kind)[] =>
  objects.filter((object): object is KubernetesObject & Kind => object.kind === kind);

export const deployments = (objects: readonly KubernetesObject[]) => ofKind<IDeployment>(objects, 'Deployment');

/** Pods with their owner's name, as deployments and jobs describe them. */
export const pods = (objects: readonly KubernetesObject[]): readonly Readonly<{ owner: string; spec: IPodSpec }>[] =>
  [...deployments(objects), ...ofKind<IJob>(objects, 'Job')].flatMap(({ metadata: { name }, spec }) =>
    spec?.template.spec === undefined ? [] : [{ owner: name, spec: spec.template.spec }],
  );

export const containers = ({ spec }: Readonly<{ spec: IPodSpec }>): readonly IContainer[] => [
  ...(spec.initContainers ?? []),
  ...spec.containers,
];
