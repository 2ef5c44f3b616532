import type { Place, UserQueries, UserRecord } from '#read-model';
import { differingPaths, prepareUserName, type Attributes, type DescribedUser } from '#scim';

/** The names by which one side knows a user. */
interface Names {
  readonly userName?: string;
  readonly externalId?: string;
}

export type Difference =
  /** The identity provider has the user, the directory has not. */
  | (Names & { readonly kind: 'missing' })
  | (Names & { readonly kind: 'different'; readonly id: string; readonly paths: readonly string[] })
  /** The directory has the user, and active; the identity provider has not. */
  | (Names & { readonly kind: 'unexpected'; readonly id: string });

/** The last entry: without it a report is not whole. */
export interface DriftSummary {
  readonly kind: 'summary';
  readonly compared: number;
  readonly missing: number;
  readonly different: number;
  /** Only where the description is the whole. */
  readonly unexpected?: number;
}

export type DriftEntry = Difference | DriftSummary;

/** Users of the directory that are read at once. */
const PAGE = 500;

/** What an identity provider says of users, beside what the directory holds. Writes nothing. */
export class DriftReport {
  constructor(private readonly users: Pick<UserQueries, 'called' | 'find'>) {}

  /**
   * The differences, in parts, and at the end their numbers. `isWhole`: who is not described has no business in the directory. Errors as
   * ResourceReader.rows.
   */
  async *of(
    tenantId: string,
    parts: Iterable<readonly DescribedUser[]>,
    { isWhole }: { readonly isWhole: boolean },
  ): AsyncGenerator<readonly DriftEntry[]> {
    const counts = { compared: 0, missing: 0, different: 0 };
    const described = new Set<string>();
    for (const part of parts) {
      const held = await this.heldBy(tenantId, part);
      const differences = part.flatMap((user) => differencesOf(user, held(user)));
      counts.compared += part.length;
      for (const { kind } of differences) counts[kind] += 1;
      if (isWhole) for (const { id } of part.flatMap(held)) described.add(id);
      yield differences;
    }
    if (!isWhole) {
      yield [{ kind: 'summary', ...counts }];
      return;
    }
    let unexpected = 0;
    for await (const users of this.all(tenantId)) {
      const differences = users.filter(({ id, active }) => active && !described.has(id)).map(unexpectedOf);
      unexpected += differences.length;
      yield differences;
    }
    yield [{ kind: 'summary', ...counts, unexpected }];
  }

  /** Who is who: the user with that userName, which is unique; where there is none, those with that externalId. */
  private async heldBy(tenantId: string, part: readonly DescribedUser[]) {
    const users = await this.users.called(tenantId, {
      userNames: part.flatMap(({ userName }) => userName ?? []),
      externalIds: part.flatMap(({ externalId }) => externalId ?? []),
    });
    const byName = Map.groupBy(users, ({ attributes }) => prepared(namesIn(attributes).userName));
    const byExternalId = Map.groupBy(users, ({ attributes }) => namesIn(attributes).externalId);
    return ({ userName, externalId }: DescribedUser): readonly UserRecord[] =>
      foundIn(byName, prepared(userName)) ?? foundIn(byExternalId, externalId) ?? [];
  }

  private async *all(tenantId: string): AsyncGenerator<readonly UserRecord[]> {
    let after: Place | undefined;
    do {
      const query = { startIndex: 1, keyset: { after }, count: PAGE };
      const { resources, next } = await this.users.find(tenantId, query, { groups: false });
      yield resources;
      after = next;
    } while (after !== undefined);
  }
}

const differencesOf = (
  user: DescribedUser,
  held: readonly UserRecord[],
): readonly Exclude<Difference, { kind: 'unexpected' }>[] => {
  const names = namesOf(user.userName, user.externalId);
  if (held.length === 0) return [{ kind: 'missing', ...names }];
  return held.flatMap(({ id, attributes, active }) => {
    const paths = differingPaths(user, { ...attributes, active });
    return paths.length === 0 ? [] : [{ kind: 'different', id, ...names, paths }];
  });
};

const unexpectedOf = ({ id, attributes }: UserRecord): Difference => ({
  kind: 'unexpected',
  id,
  ...namesIn(attributes),
});

const namesIn = ({ userName, externalId }: Attributes): Names => namesOf(userName, externalId);

const namesOf = (userName: unknown, externalId: unknown): Names => ({
  ...(typeof userName === 'string' ? { userName } : {}),
  ...(typeof externalId === 'string' ? { externalId } : {}),
});

const prepared = (userName: string | undefined): string | undefined =>
  userName === undefined ? undefined : prepareUserName(userName);

const foundIn = (
  users: ReadonlyMap<string | undefined, readonly UserRecord[]>,
  name: string | undefined,
): readonly UserRecord[] | undefined => (name === undefined ? undefined : users.get(name));
