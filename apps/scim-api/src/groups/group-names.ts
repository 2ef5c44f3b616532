import { Injectable } from '@nestjs/common';
import { ClaimTaken } from '#event-sourcing';
import { GroupQueries } from '#read-model';
import { groupSchema, resolveFilter, type PatchOperation } from '#scim';
import type { RequestContext } from '../edge/request-context.js';

/**
 * Names of groups that are older than the tenant's wish to have them unique: nobody claims those, so they are looked for. Whatever was named
 * since is held by a claim, and needs no look.
 */
@Injectable()
export class GroupNames {
  constructor(private readonly groups: GroupQueries) {}

  /** Throws ClaimTaken when another group than `id` has the name. */
  async check({ tenantId, tenant }: RequestContext, displayName: unknown, id: string): Promise<void> {
    if (!tenant.settings.displayNameUnique || typeof displayName !== 'string') return;
    const literal = { kind: 'compare', name: 'displayName', operator: 'eq', value: displayName } as const;
    const query = { filter: resolveFilter(literal, groupSchema), startIndex: 1, count: 2 };
    const { resources } = await this.groups.find(tenantId, query, { members: false });
    if (resources.some((group) => group.id !== id)) throw new ClaimTaken('displayname');
  }
}

/** The name that operations give a group, undefined when they leave it alone; the last one holds. */
export const nameGiven = (operations: readonly PatchOperation[]): unknown =>
  operations.reduce<unknown>((name, { path, value }) => {
    if (path !== undefined) return isName(path) ? value : name;
    const [, given = name] = Object.entries(value ?? {}).find(([member]) => isName(member)) ?? [];
    return given;
  }, undefined);

const isName = (path: string): boolean => /(^|:)displayName$/i.test(path.trim());
