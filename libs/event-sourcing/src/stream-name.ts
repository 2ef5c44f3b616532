/** The kinds of stream; a kind never contains `-`, so the tenant starts after the first one. */
export const streamKinds = ['user', 'group', 'resource', 'claim', 'control'] as const;
export type StreamKind = (typeof streamKinds)[number];

/** The tenant under which events stand that belong to no tenant. `$` keeps it apart from every tenant id. */
export const SYSTEM_TENANT = '$system';

/** `control-acme`: all the control plane knows of one tenant; `control-system` for the operators' own. */
export const controlStreamName = (tenantId: string): string =>
  tenantId === SYSTEM_TENANT ? 'control-system' : `control-${tenantId}`;

/** Returns `user-acme+0192…`. Names hold ids only, never personal data (DESIGN §4). A tenant has one control stream, whatever the id. */
export const streamName = (kind: StreamKind, tenantId: string, id: string): string =>
  kind === 'control' ? controlStreamName(tenantId) : `${kind}-${tenantId}+${id}`;

/** Whether a stream is the tenant's, and that of one of its resources where one is named. */
export const isStreamOf = (name: string, tenantId: string, resourceId?: string): boolean =>
  name.slice(name.indexOf('-') + 1).startsWith(`${tenantId}+`) &&
  (resourceId === undefined || name.endsWith(`+${resourceId}`));

/** Returns the kind and the id part (`''` for a control stream). Throws a RangeError for a name this product never wrote. */
export const parseStreamName = (name: string): { kind: StreamKind; id: string } => {
  const dash = name.indexOf('-');
  const kind = streamKinds.find((one) => one === name.slice(0, dash));
  if (kind === undefined)
    throw new RangeError(`'${name}' is no stream name: it starts with none of ${streamKinds.join('-, ')}-.`);
  const plus = name.indexOf('+', dash);
  return { kind, id: plus < 0 ? '' : name.slice(plus + 1) };
};
