import type { EdgeIndex, EdgeTarget } from '#event-sourcing';

const PAGE = 10_000;

/** All members of a group from the log's own index: exact right after a write, and whatever state the read model is in. */
export const membersFromIndex = async (
  edges: EdgeIndex,
  tenantId: string,
  groupId: string,
): Promise<readonly EdgeTarget[]> => {
  const members: EdgeTarget[] = [];
  let after: string | undefined;
  do {
    const page = await edges.targets(tenantId, groupId, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    members.push(...page.targets);
    after = page.next;
  } while (after !== undefined);
  return members;
};
