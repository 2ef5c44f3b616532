import { describe, expect, it } from '@jest/globals';
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import type { IService } from 'kubernetes-models/v1/Service';
import { nodeSettings, productSettings, secretSettings } from './known-settings.js';
import { cases, containers, deployments, ofKind, pods, render, renderWith, valuesFile } from './rendered-chart.js';

const servicesOf: Readonly<Record<string, readonly string[]>> = {
  development: ['auth', 'projector', 'scim-api'],
};
const all = ['auth', 'projector', 'publisher', 'scim-api'];

const MIB = { Mi: 1, Gi: 1024 };
const mebibytes = (quantity: unknown): number => {
  const [, amount = '0', unit = 'Mi'] = /^(\d+)(Mi|Gi)$/.exec(String(quantity)) ?? [];
  return Number(amount) * MIB[unit as keyof typeof MIB];
};

describe.each(cases)('The pods of %s', (name) => {
  it('are one Deployment a service, each starting the entry point of its app', async () => {
    const entries = deployments(await render(name)).map(({ metadata, spec }) => {
      const [container] = spec?.template.spec?.containers ?? [];
      return [metadata.name, container?.args?.at(-1)];
    });
    const expected = (servicesOf[name] ?? all).map((service) => [
      `rel-rollcall-${service}`,
      `dist/apps/${service}/src/main.js`,
    ]);
    expect(entries.sort()).toEqual(expected);
  });

  it('have startup, liveness and readiness probes on each container that serves, and only readiness looks at dependencies', async () => {
    for (const { spec } of deployments(await render(name)))
      for (const container of spec?.template.spec?.containers ?? []) {
        expect(container.startupProbe?.httpGet).toEqual({ path: '/health/live', port: 'http' });
        expect(container.livenessProbe?.httpGet).toEqual({ path: '/health/live', port: 'http' });
        expect(container.readinessProbe?.httpGet).toEqual({ path: '/health/ready', port: 'http' });
        expect(container.ports).toEqual([{ name: 'http', containerPort: 8080, protocol: 'TCP' }]);
      }
  });

  it('meet the restricted Pod Security Standard and get no token of the API server', async () => {
    for (const pod of pods(await render(name))) {
      expect(pod.spec).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
      });
      for (const key of ['hostNetwork', 'hostPID', 'hostIPC'] as const) expect(pod.spec[key]).toBeUndefined();
      for (const { securityContext } of containers(pod))
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      for (const volume of pod.spec.volumes ?? [])
        expect(Object.keys(volume).filter((key) => !['name', 'emptyDir', 'secret', 'configMap'].includes(key))).toEqual(
          [],
        );
    }
  });

  it('know only settings the product reads, each once, and no secret as plain text', async () => {
    const allowed = new Set([...productSettings, ...nodeSettings, ...(name === 'full' ? ['NO_COLOR'] : [])]);
    for (const container of pods(await render(name)).flatMap(containers)) {
      const env = container.env ?? [];
      const names = env.map((entry) => entry.name);
      expect(names.filter((setting) => !allowed.has(setting))).toEqual([]);
      expect(names).toEqual([...new Set(names)]);
      expect(
        env.filter((entry) => secretSettings.has(entry.name) && entry.valueFrom?.secretKeyRef === undefined),
      ).toEqual([]);
      expect(container.envFrom).toBeUndefined();
    }
  });

  it('have requests, a memory limit, no CPU limit, and a heap of three quarters of that limit', async () => {
    for (const { resources, args = [] } of pods(await render(name)).flatMap(containers)) {
      expect(Object.keys(resources?.requests ?? {}).sort()).toEqual(['cpu', 'memory']);
      expect(Object.keys(resources?.limits ?? {})).toEqual(['memory']);
      const limit = mebibytes(resources?.limits?.['memory']);
      expect(args[0]).toBe(`--max-old-space-size=${Math.floor((limit * 3) / 4)}`);
    }
  });

  it('leave time to drain: a pause by the native sleep, and a grace period well beyond it', async () => {
    for (const { spec } of deployments(await render(name))) {
      const pod = spec?.template.spec;
      const pause = pod?.containers[0]?.lifecycle?.preStop?.sleep?.seconds ?? 0;
      expect(pause).toBeGreaterThan(0);
      expect(pod?.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(pause + 15);
    }
  });

  it('mount every volume they have, and have every volume they mount', async () => {
    for (const pod of pods(await render(name)))
      for (const { volumeMounts = [] } of containers(pod))
        expect(volumeMounts.map((mount) => mount.name).sort()).toEqual(
          (pod.spec.volumes ?? []).map((volume) => volume.name).sort(),
        );
  });

  it('are found by Service and disruption budget, through labels that no upgrade changes', async () => {
    const objects = await render(name);
    for (const { metadata, spec } of deployments(objects)) {
      const found = (kind: string) =>
        objects.find((object) => object.kind === kind && object.metadata.name === metadata.name);
      const selector = {
        'app.kubernetes.io/name': 'rollcall',
        'app.kubernetes.io/instance': 'rel',
        'app.kubernetes.io/component': metadata.name.replace('rel-rollcall-', ''),
      };
      expect(spec?.template.metadata?.labels).toMatchObject(selector);
      expect(spec?.selector).toEqual({ matchLabels: selector });
      expect((found('Service') as IService | undefined)?.spec?.selector).toEqual(selector);
      expect((found('PodDisruptionBudget') as IPodDisruptionBudget | undefined)?.spec?.selector).toEqual({
        matchLabels: selector,
      });
    }
  });
});

describe('Autoscaling', () => {
  it('leaves the number of replicas to the autoscaler: server-side apply would fight over it', async () => {
    const objects = await render('hpa');
    const scaled = ofKind<IHorizontalPodAutoscaler>(objects, 'HorizontalPodAutoscaler').map(
      ({ spec }) => spec?.scaleTargetRef.name,
    );
    expect(scaled).toHaveLength(4);
    for (const { metadata, spec } of deployments(objects)) {
      expect(scaled).toContain(metadata.name);
      expect(spec).not.toHaveProperty('replicas');
    }
  });

  it('of one service only leaves the others theirs', async () => {
    const objects = await renderWith('--values', valuesFile('minimal'), '--set', 'scimApi.autoscaling.enabled=true');
    const without = deployments(objects).filter(({ spec }) => spec?.replicas === undefined);
    expect(without.map(({ metadata }) => metadata.name)).toEqual(['rel-rollcall-scim-api']);
  });
});

describe('Settings', () => {
  const environment = async (name: string, service: string): Promise<Readonly<Record<string, unknown>>> => {
    const found = deployments(await render(name)).find(({ metadata }) => metadata.name === `rel-rollcall-${service}`);
    const env = found?.spec?.template.spec?.containers[0]?.env ?? [];
    return Object.fromEntries(env.map((entry) => [entry.name, entry.value ?? entry.valueFrom?.secretKeyRef]));
  };

  it('Sizes are whole numbers, however large', async () => {
    expect(await environment('minimal', 'scim-api')).toMatchObject({
      BODY_LIMIT: '1048576',
      GROUP_BODY_LIMIT: '16777216',
      READ_WAIT_MS: '5000',
    });
  });

  it('Only auth gets the operator token, only the publisher knows Kafka', async () => {
    for (const service of all) {
      const names = Object.keys(await environment('full', service));
      expect(names.includes('ADMIN_TOKEN')).toBe(service === 'auth');
      expect(names.some((name) => name.startsWith('KAFKA_'))).toBe(service === 'publisher');
    }
  });

  it('Services reach auth inside the cluster', async () => {
    expect(await environment('minimal', 'scim-api')).toMatchObject({ AUTH_INTERNAL_URL: 'http://rel-rollcall-auth' });
  });

  it('Lists are comma-separated', async () => {
    expect(await environment('full', 'scim-api')).toMatchObject({ TRUSTED_PROXIES: '10.0.0.0/8,fd00::/8' });
    expect(await environment('full', 'publisher')).toMatchObject({
      KAFKA_BROKERS: 'kafka-0.example.com:9093,kafka-1.example.com:9093,kafka-2.example.com:9094',
      KAFKA_SSL: 'true',
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_PASSWORD: { name: 'rollcall-kafka', key: 'password' },
    });
  });
});
