import type { HistoryEntry, PastResource } from '#directory';
import type { EdgeTarget } from '#event-sourcing';
import { urns } from '#scim';
import type { RefusedEntry, WholeAuditEntry } from './whole-audit.js';

/** An audit entry on the wire. */
export const auditEntryBody = (entry: WholeAuditEntry) => {
  if (entry.outcome === 'refused') return refusedEntryBody(entry);
  const { causationId, ...rest } = entry;
  return { ...rest, ...(causationId === undefined ? {} : { causationId }) };
};

/** What is not known, as who asked without a credential, is left out. */
const refusedEntryBody = ({ time, actor, requestId, method, status, code, times, ...entry }: RefusedEntry) => {
  const { outcome, resourceType, resourceId, scimType } = entry;
  return {
    time,
    ...(actor === undefined ? {} : { actor }),
    requestId,
    type: 'RequestRefused',
    ...(resourceType === undefined
      ? {}
      : { resource: { type: resourceType, ...(resourceId === undefined ? {} : { id: resourceId }) } }),
    outcome,
    method,
    status,
    ...(scimType === undefined ? {} : { scimType }),
    code,
    times,
  };
};

/** `changes` is left out where the values were erased; members only stand where an event is about them. */
export const historyEntryBody = ({ metadata, paths, changes, added, removed, erased, ...event }: HistoryEntry) => ({
  ...event,
  actor: metadata.actor,
  requestId: metadata.requestId,
  txn: metadata.txn,
  ...(metadata.causationId === undefined ? {} : { causationId: metadata.causationId }),
  paths,
  ...(changes === undefined ? {} : { changes }),
  ...(added.length === 0 ? {} : { added }),
  ...(removed.length === 0 ? {} : { removed }),
  ...(erased ? { erased } : {}),
});

const coreTypes = {
  user: { schema: urns.user, resourceType: 'User' },
  group: { schema: urns.group, resourceType: 'Group' },
} as const;

const typeOf = ({ kind, type }: PastResource) => {
  if (kind !== 'resource') return coreTypes[kind];
  return { schema: type?.schema ?? '', resourceType: type?.resourceType ?? '' };
};

/** A resource of the past as SCIM shows one, without what depends on other resources. */
export const pastResourceBody = (past: PastResource) => ({
  schemas: [typeOf(past).schema, ...Object.keys(past.attributes).filter((name) => name.startsWith('urn:'))],
  id: past.id,
  ...past.attributes,
  ...(past.active === undefined ? {} : { active: past.active }),
  meta: {
    resourceType: typeOf(past).resourceType,
    created: past.createdAt,
    lastModified: past.changedAt,
    version: `W/"${past.revision}"`,
  },
});

export const memberBody = ({ id, kind }: EdgeTarget) => ({ value: id, type: kind });
