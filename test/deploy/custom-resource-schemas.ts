import type { Schema } from 'ajv';

const text = { type: 'string', minLength: 1 };
const name = { type: 'string', pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$' };
const strings = { type: 'object', additionalProperties: { type: 'string' }, required: [] };
const port = { type: 'integer', minimum: 1, maximum: 65_535 };

const closed = (
  properties: Readonly<Record<string, object>>,
  required: readonly string[] = Object.keys(properties),
) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});

const list = (items: object) => ({ type: 'array', minItems: 1, items });

const resource = (apiVersion: string, kind: string, spec: object): Schema =>
  closed({
    apiVersion: { const: apiVersion },
    kind: { const: kind },
    metadata: closed({ name, namespace: name, labels: strings, annotations: strings }, ['name', 'namespace', 'labels']),
    spec,
  });

/** The parts of these resources that the chart uses, closed; after gateway-api v1 and prometheus-operator v1. */
export const customResourceSchemas: Readonly<Record<string, Schema>> = {
  'gateway.networking.k8s.io/v1/HTTPRoute': resource(
    'gateway.networking.k8s.io/v1',
    'HTTPRoute',
    closed({
      parentRefs: list(closed({ name, namespace: name, sectionName: name, port }, ['name'])),
      hostnames: list(name),
      rules: list(
        closed({
          matches: list(
            closed({
              path: closed({ type: { enum: ['Exact', 'PathPrefix'] }, value: { type: 'string', pattern: '^/' } }),
            }),
          ),
          backendRefs: list(closed({ name, port })),
        }),
      ),
    }),
  ),
  'monitoring.coreos.com/v1/ServiceMonitor': resource(
    'monitoring.coreos.com/v1',
    'ServiceMonitor',
    closed({
      jobLabel: text,
      selector: closed({ matchLabels: strings }),
      endpoints: list(
        closed({
          port: text,
          path: { type: 'string', pattern: '^/' },
          interval: { type: 'string', pattern: '^[0-9]+(s|m)$' },
        }),
      ),
    }),
  ),
  'monitoring.coreos.com/v1/PrometheusRule': resource(
    'monitoring.coreos.com/v1',
    'PrometheusRule',
    closed({
      groups: list(
        closed({
          name: text,
          rules: list(
            closed({
              alert: text,
              expr: text,
              for: { type: 'string', pattern: '^[0-9]+m$' },
              labels: strings,
              annotations: strings,
            }),
          ),
        }),
      ),
    }),
  ),
};
