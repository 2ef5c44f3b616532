import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { Secret } from 'kubernetes-models/v1/Secret';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { customResourceSchemas } from './custom-resource-schemas.js';
import type { KubernetesObject } from './rendered-chart.js';
import { repository } from './repository.js';

interface Model {
  validate(): void;
}

/** Group and version, kind, and the model that checks values and required fields. */
const models: Readonly<Record<string, new (data: never) => Model>> = {
  'apps/v1/Deployment': Deployment,
  'autoscaling/v2/HorizontalPodAutoscaler': HorizontalPodAutoscaler,
  'batch/v1/Job': Job,
  'networking.k8s.io/v1/Ingress': Ingress,
  'networking.k8s.io/v1/NetworkPolicy': NetworkPolicy,
  'policy/v1/PodDisruptionBudget': PodDisruptionBudget,
  'v1/Secret': Secret,
  'v1/Service': Service,
  'v1/ServiceAccount': ServiceAccount,
};

const ajv = new Ajv({ strict: true, allErrors: true });
const customResources: Readonly<Record<string, ValidateFunction>> = Object.fromEntries(
  Object.entries(customResourceSchemas).map(([kind, schema]) => [kind, ajv.compile(schema)]),
);

const kindOf = ({ apiVersion, kind }: KubernetesObject): string => `${apiVersion}/${kind}`;

/** Wrong types, wrong values and missing fields. Throws with the path; throws for a kind it has no schema of. */
export const checkValues = (object: KubernetesObject): void => {
  const kind = kindOf(object);
  const custom = customResources[kind];
  if (custom !== undefined) {
    if (!custom(object)) throw new Error(`${kind}: ${ajv.errorsText(custom.errors)}`);
    return;
  }
  const Known = models[kind];
  if (Known === undefined) throw new Error(`There is no schema of ${kind} to check against.`);
  new Known(object as never).validate();
};

/**
 * Fields that Kubernetes does not know, for all objects at once: the validators above let them pass, as the API's own schemas do. The compiler
 * refuses them in a literal, so each object becomes a constant of its kind's type. Returns what the compiler says; empty: all are known.
 */
export const unknownFields = async (objects: Readonly<Record<string, KubernetesObject>>): Promise<string> => {
  const cache = join(repository, 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  const directory = await mkdtemp(join(cache, 'kubernetes-objects-'));
  try {
    const source = join(directory, 'objects.mts');
    await writeFile(source, literals(objects));
    return await compile(source);
  } finally {
    await rm(directory, { recursive: true });
  }
};

const literals = (objects: Readonly<Record<string, KubernetesObject>>): string => {
  const known = Object.entries(objects).filter(([, object]) => kindOf(object) in models);
  const kinds = new Map(known.map(([, object]) => [object.kind, kindOf(object)]));
  const imports = [...kinds].map(([kind, path]) => `import type { I${kind} } from 'kubernetes-models/${path}';`);
  const constants = known.map(
    ([name, object]) =>
      `export const ${name.replace(/[^A-Za-z0-9]/g, '_')}: I${object.kind} = ${JSON.stringify(object, null, 1)};`,
  );
  return [...imports, ...constants].join('\n');
};

const compile = (source: string): Promise<string> => {
  const compiler = join(repository, 'node_modules', 'typescript', 'lib', 'tsc.js');
  const options = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--ignoreConfig',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--pretty',
    'false',
  ];
  return new Promise((resolve) => {
    execFile(process.execPath, [compiler, ...options, source], (_, stdout, stderr) => resolve(stdout + stderr));
  });
};
