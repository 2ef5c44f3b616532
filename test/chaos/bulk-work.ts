import type { Effect, Outcome } from './attempts.js';
import { patchOf, type Desk, type Membership, type Owned } from './desk.js';
import { outcomeOf } from './unsteady-client.js';
import { userBody, type UserWork } from './user-work.js';

interface Operation {
  readonly request: object;
  readonly effect: Effect;
  /** What follows from the answer; from none: unknown. */
  readonly then: (outcome: Outcome, result: Result | undefined) => void;
}

interface Result {
  readonly status: string;
  readonly location?: string;
}

const REQUEST = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';

/** Several things in one request, of which each may happen or not when there is no answer. */
export class BulkWork {
  constructor(
    private readonly desk: Desk,
    private readonly users: UserWork,
  ) {}

  /** Two creations, a change, a member more, and a deletion. */
  async run(changing: Owned, leaving: Owned): Promise<void> {
    const { desk } = this;
    const operations = [this.create(), this.create(), this.change(changing)];
    if (!desk.commons.known.has(changing.id)) operations.push(this.join(desk.commons, changing));
    if (leaving.id !== changing.id) operations.push(this.remove(leaving));
    const body = { schemas: [REQUEST], Operations: operations.map(({ request }) => request) };
    const { status, body: answer } = await desk.client.send('POST', '/Bulk', body);
    const results = status === 200 ? (answer['Operations'] as readonly Result[]) : [];
    for (const [index, { effect, then }] of operations.entries()) {
      const outcome = outcomeOf(Number(results[index]?.status ?? 503));
      desk.record([effect], outcome);
      if (outcome === 'refused') desk.complain(`an operation of a Bulk was refused: ${JSON.stringify(results[index])}`);
      then(outcome, results[index]);
    }
  }

  private create(): Operation {
    const [name, marker] = [this.desk.newName(), this.desk.newMarker()];
    return {
      request: { method: 'POST', path: '/Users', bulkId: marker, data: userBody(name, marker) },
      effect: `marker:${marker}`,
      then: (outcome, result) => {
        const id = result?.location?.replace(/^.*\//, '');
        if (outcome === 'acknowledged' && id !== undefined) this.users.adopt({ id }, name, marker, undefined);
      },
    };
  }

  private change(user: Owned): Operation {
    const marker = this.desk.newMarker();
    const data = patchOf({ op: 'replace', path: 'title', value: marker });
    return {
      request: { method: 'PATCH', path: `/Users/${user.id}`, data },
      effect: `marker:${marker}`,
      then: (outcome) => {
        user.etag = undefined;
        if (outcome === 'acknowledged') user.marker = marker;
        else user.isSure = false;
      },
    };
  }

  private join(group: Membership, { id }: Owned): Operation {
    group.known.add(id);
    const data = patchOf({ op: 'add', path: 'members', value: [{ value: id }] });
    return {
      request: { method: 'PATCH', path: `/Groups/${group.id}`, data },
      effect: `added:${group.id}/${id}`,
      then: (outcome) => {
        if (outcome === 'acknowledged') group.members.add(id);
      },
    };
  }

  /** Asked once: a second time it could not be told from the first. */
  private remove(user: Owned): Operation {
    this.users.forget(user);
    return {
      request: { method: 'DELETE', path: `/Users/${user.id}` },
      effect: `deleted:${user.id}`,
      then: () => undefined,
    };
  }
}
