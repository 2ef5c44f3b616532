import { describe, expect, it } from '@jest/globals';
import type { IIngress } from 'kubernetes-models/networking.k8s.io/v1/Ingress';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { parse } from 'yaml';
import { helmTemplate } from './helm.js';
import { ofKind, render, renderWith, valuesFile, type KubernetesObject } from './rendered-chart.js';
import { text } from './repository.js';

/** Path and Service: the one list that Ingress, HTTPRoute and the compose gateway all have to follow. */
const routes = [
  ['/t', 'scim-api'],
  ['/oauth2', 'auth'],
  ['/.well-known', 'auth'],
  ['/admin', 'auth'],
];
const services = routes.map(([path, service]) => [path, `rel-rollcall-${String(service)}`]);

describe('Public paths', () => {
  it('Ingress: SCIM of every tenant to scim-api, OAuth and admin to auth, nothing else', async () => {
    const [ingress] = ofKind<IIngress>(await render('full'), 'Ingress');
    const [rule, ...others] = ingress?.spec?.rules ?? [];
    expect(others).toEqual([]);
    expect(rule?.host).toBe('scim.example.com');
    expect(
      rule?.http?.paths.map(({ path, pathType, backend }) => [
        path,
        pathType,
        backend.service?.name,
        backend.service?.port?.name,
      ]),
    ).toEqual(services.map(([path, service]) => [path, 'Prefix', service, 'http']));
    expect(ingress?.spec?.tls).toEqual([{ hosts: ['scim.example.com'], secretName: 'scim-example-com-tls' }]);
    expect(ingress?.spec?.ingressClassName).toBe('nginx');
  });

  it('HTTPRoute: the same', async () => {
    type Rule = { matches: { path: { type: string; value: string } }[]; backendRefs: { name: string; port: number }[] };
    const [route] = ofKind<KubernetesObject & { spec: { hostnames: string[]; rules: Rule[] } }>(
      await render('hpa'),
      'HTTPRoute',
    );
    expect(route?.spec.hostnames).toEqual(['scim.example.com']);
    expect(
      route?.spec.rules.map(({ matches: [match], backendRefs: [backend] }) => [match?.path.value, backend?.name]),
    ).toEqual(services);
  });

  it('The gateway of the compose file: the same', () => {
    const caddyfile = text('deploy/docker/Caddyfile');
    const matchers = new Map(
      [...caddyfile.matchAll(/@(\S+) path (.+)/g)].map(([, name, paths]) => [name, paths?.split(' ')]),
    );
    const proxied = [...caddyfile.matchAll(/handle @(\S+) \{\s+reverse_proxy (\S+):8080/g)].flatMap(
      ([, matcher, service]) => (matchers.get(matcher) ?? []).map((path) => [path, service]),
    );
    expect(proxied).toEqual(
      routes.flatMap(([path, service]) => [
        [path, service],
        [`${String(path)}/*`, service],
      ]),
    );
    expect(caddyfile).toContain('respond 404');
  });

  it('The host comes from publicUrl, with a port or without', async () => {
    const [ingress] = ofKind<IIngress>(await render('development'), 'Ingress');
    expect(ingress?.spec?.rules?.[0]?.host).toBe('scim.localtest.me');
  });

  it('Ingress and HTTPRoute together are refused, and so is a route to a service that is off', async () => {
    const both = await helmTemplate('--values', valuesFile('hpa'), '--set', 'ingress.enabled=true');
    expect(both.stderr).toContain('ingress and httpRoute must not be enabled both');
    const off = await helmTemplate('--values', valuesFile('full'), '--set', 'scimApi.enabled=false');
    expect(off.stderr).toContain('auth and scimApi must be enabled');
  });
});

describe('Network policies', () => {
  const policy = async (name: string, service: string) =>
    ofKind<INetworkPolicy>(await render(name), 'NetworkPolicy').find(
      ({ metadata }) => metadata.name === `rel-rollcall-${service}`,
    )?.spec;
  const ports = (spec: INetworkPolicy['spec']) =>
    (spec?.egress ?? []).flatMap((rule) => (rule.ports ?? []).map(({ port }) => port));

  it('deny in both directions what is not named', async () => {
    for (const { spec } of ofKind<INetworkPolicy>(await render('full'), 'NetworkPolicy'))
      expect(spec?.policyTypes).toEqual(['Ingress', 'Egress']);
  });

  it('Each service reaches the name service, its stores and auth; only the publisher reaches Kafka, on the ports of its brokers', async () => {
    expect(ports(await policy('full', 'scim-api'))).toEqual([53, 53, 6432, 8080]);
    expect(ports(await policy('full', 'publisher'))).toEqual([53, 53, 6432, 8080, 9093, 9094]);
    expect(ports(await policy('kurrentdb', 'projector'))).toEqual([53, 53, 5432, 2114, 8080]);
    expect(ports(await policy('full', 'migrate'))).toEqual([53, 53, 6432]);
  });

  it('With callers named, only they and the release itself reach auth; without, anyone does', async () => {
    const named = await policy('full', 'auth');
    expect(named?.ingress?.map(({ from }) => from?.length)).toEqual([2, 1]);
    const open = await policy('minimal', 'scim-api');
    expect(open?.ingress).toEqual([{ ports: [{ port: 8080, protocol: 'TCP' }] }]);
  });

  it('can be left out', async () => {
    expect(ofKind(await render('hpa'), 'NetworkPolicy')).toEqual([]);
  });
});

describe('Monitoring', () => {
  it('The ServiceMonitor finds the Services of this release by their labels and port', async () => {
    const objects = await render('full');
    const [monitor] = ofKind<
      KubernetesObject & { spec: { selector: { matchLabels: object }; endpoints: { port: string }[] } }
    >(objects, 'ServiceMonitor');
    const found = ofKind<KubernetesObject & { spec: { ports: { name: string }[] }; metadata: { labels: object } }>(
      objects,
      'Service',
    );
    expect(found).toHaveLength(4);
    for (const service of found) {
      expect(service.metadata.labels).toMatchObject(monitor?.spec.selector.matchLabels ?? {});
      expect(service.spec.ports.map(({ name }) => name)).toContain(monitor?.spec.endpoints[0]?.port);
    }
  });

  it('Alerts look at this namespace only', async () => {
    type Rules = { spec: { groups: { rules: { expr: string }[] }[] } };
    const [rule] = ofKind<KubernetesObject & Rules>(await render('full'), 'PrometheusRule');
    const expressions = rule?.spec.groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)) ?? [];
    expect(expressions).toHaveLength(4);
    for (const expression of expressions) expect(expression).toContain('namespace="identity"');
  });
});

it('The version of chart and app is that of package.json', () => {
  const chart = parse(text('deploy/helm/rollcall/Chart.yaml')) as { appVersion: string };
  expect(chart.appVersion).toBe((JSON.parse(text('package.json')) as { version: string }).version);
});

it('fullnameOverride and a long release name keep every name within 63 characters', async () => {
  const objects = await renderWith('--values', valuesFile('full'), '--set', `fullnameOverride=${'a'.repeat(60)}`);
  for (const { metadata } of objects) expect(metadata.name.length).toBeLessThanOrEqual(63);
});
