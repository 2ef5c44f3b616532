import { GROUP, USER, type Body } from '../e2e/clients.js';
import type { Effect, Journal } from './attempts.js';
import type { SeededRandom } from './seeded-random.js';
import type { Reply, UnsteadyClient } from './unsteady-client.js';

/** A user or group of this lane. `isSure`: no attempt on it is open, so that it is exactly as last acknowledged. */
interface Owned {
  readonly id: string;
  name: string;
  marker: string;
  etag: string | undefined;
  isSure: boolean;
}

interface OwnedGroup extends Owned {
  /** Members whose adding was acknowledged at once, and who were never asked to go. */
  readonly members: Set<string>;
  /** Everybody ever asked in: a second time would blur what an attempt leaves behind. */
  readonly known: Set<string>;
}

const RETRIES = 8;
const patchOf = (...Operations: readonly object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations,
});

/**
 * One client at work on resources that nobody else touches. Every attempt writes a text of its own, so that the log tells afterwards which of
 * them took place, how often, and in which order; an attempt without an answer may have or not.
 */
export class Lane {
  private readonly users = new Map<string, Owned>();
  private readonly groups = new Map<string, OwnedGroup>();
  private attempts = 0;
  private names = 0;

  constructor(
    private readonly name: string,
    private readonly client: UnsteadyClient,
    private readonly random: SeededRandom,
    private readonly journal: Journal,
  ) {}

  /** Works until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.step();
      await new Promise((go) => setTimeout(go, this.random.between(5, 25)));
    }
  }

  private async step(): Promise<void> {
    const [user, group] = [this.random.pick([...this.users.values()]), this.random.pick([...this.groups.values()])];
    if (user === undefined || this.random.next() < 0.2) return this.createUser();
    if (group === undefined || this.random.next() < 0.06) return this.createGroup();
    const work = this.random.weighted<() => Promise<void>>([
      [() => this.patchUser(user), 14],
      [() => this.replaceUser(user), 8],
      [() => this.patchUserWithStaleTag(user), 3],
      [() => this.readUser(user), 10],
      [() => this.deleteUser(user), 6],
      [() => this.raceForName(), 3],
      [() => this.addMember(group, user), 14],
      [() => this.removeMember(group), 5],
      [() => this.renameGroup(group), 5],
      [() => this.replaceGroup(group), 4],
      [() => this.deleteGroup(group), 1],
    ]);
    await work?.();
  }

  private async createUser(): Promise<void> {
    const name = this.newName();
    const markers: string[] = [];
    for (let retry = 0; retry < RETRIES; retry += 1) {
      const marker = this.newMarker();
      const reply = await this.attempt([`marker:${marker}`], 'POST', '/Users', userBody(name, marker));
      markers.push(marker);
      if (reply.status === 201) return this.adopt(reply.body, name, marker, reply.etag);
      if (reply.status === 409) return this.adoptEarlier(name, markers);
      if (reply.outcome === 'refused') return this.complain(`creating a user was answered ${reply.status}`);
    }
  }

  /** The name is taken: then an attempt without an answer has taken it, and its user must be found. */
  private async adoptEarlier(name: string, markers: readonly string[]): Promise<void> {
    for (let retry = 0; retry < RETRIES; retry += 1) {
      const reply = await this.client.send('GET', `/Users?filter=${encodeURIComponent(`userName eq "${name}"`)}`);
      if (reply.outcome === 'unknown') continue;
      const [found, ...others] = reply.body.Resources ?? [];
      const marker = String(found?.['title']);
      if (found === undefined || others.length > 0 || !markers.slice(0, -1).includes(marker))
        return this.complain(`409 for a userName, and the search for it finds ${reply.body.totalResults} users`);
      return this.adopt(found, name, marker, undefined);
    }
  }

  private adopt({ id }: Body, name: string, marker: string, etag: string | undefined): void {
    this.users.set(id, { id, name, marker, etag, isSure: true });
  }

  /** Two at once ask for one name: both may not get it. */
  private async raceForName(): Promise<void> {
    const name = this.newName();
    const markers = [this.newMarker(), this.newMarker()];
    const replies = await Promise.all(
      markers.map((marker) => this.attempt([`marker:${marker}`], 'POST', '/Users', userBody(name, marker))),
    );
    if (replies.filter(({ status }) => status === 201).length > 1) this.complain('one userName was given twice');
    for (const [index, { status, body, etag }] of replies.entries())
      if (status === 201) this.adopt(body, name, markers[index] ?? '', etag);
  }

  private async patchUser(user: Owned): Promise<void> {
    const marker = this.newMarker();
    const body = patchOf(
      { op: 'replace', path: 'title', value: marker },
      { op: 'replace', path: 'active', value: this.random.next() < 0.5 },
    );
    const ifMatch = this.random.next() < 0.5 ? user.etag : undefined;
    const reply = await this.attempt([`marker:${marker}`], 'PATCH', `/Users/${user.id}`, body, ifMatch);
    this.changed(user, reply, { marker });
  }

  private async replaceUser(user: Owned): Promise<void> {
    const marker = this.newMarker();
    const name = this.random.next() < 0.5 ? this.newName() : user.name;
    const reply = await this.attempt([`marker:${marker}`], 'PUT', `/Users/${user.id}`, userBody(name, marker));
    if (reply.outcome === 'unknown') user.name = this.newName(); // both names may be ours now; the next PUT takes a third
    this.changed(user, reply, { marker, name });
  }

  private async patchUserWithStaleTag(user: Owned): Promise<void> {
    const revision = Number(/\d+/.exec(user.etag ?? '')?.[0] ?? 0);
    if (revision < 1) return;
    const marker = this.newMarker();
    const body = patchOf({ op: 'replace', path: 'title', value: marker });
    const stale = `W/"${revision - 1}"`;
    const { status } = await this.attempt([`marker:${marker}`], 'PATCH', `/Users/${user.id}`, body, stale);
    if (status < 300 && status > 0) this.complain('a stale If-Match was accepted');
  }

  /** Reads its own writes, through whichever scim-api. */
  private async readUser(user: Owned): Promise<void> {
    const reply = await this.client.send('GET', `/Users/${user.id}`);
    if (reply.outcome === 'unknown') return;
    if (reply.status !== 200) return this.complain(`reading an own user was answered ${reply.status}`);
    if (user.isSure && reply.body['title'] !== user.marker)
      this.complain(`${user.id}: a read shows ${String(reply.body['title'])} after ${user.marker} was acknowledged`);
    user.etag = reply.etag;
  }

  private async deleteUser(user: Owned): Promise<void> {
    this.users.delete(user.id);
    for (const group of this.groups.values()) group.members.delete(user.id);
    await this.insist([`deleted:${user.id}`], 'DELETE', `/Users/${user.id}`, undefined);
  }

  private async createGroup(): Promise<void> {
    const marker = this.newMarker();
    const reply = await this.attempt([`marker:${marker}`], 'POST', '/Groups', groupBody(marker, []));
    if (reply.status !== 201) return;
    const { id } = reply.body;
    const members = { members: new Set<string>(), known: new Set<string>() };
    this.groups.set(id, { id, name: marker, marker, etag: reply.etag, isSure: true, ...members });
  }

  private async addMember(group: OwnedGroup, { id }: Owned): Promise<void> {
    if (group.known.has(id)) return;
    group.known.add(id);
    const body = patchOf({ op: 'add', path: 'members', value: [{ value: id }] });
    const tries = await this.insist([`added:${group.id}/${id}`], 'PATCH', `/Groups/${group.id}`, body);
    group.etag = undefined;
    if (tries === 1) group.members.add(id);
  }

  private async removeMember(group: OwnedGroup): Promise<void> {
    const id = this.random.pick([...group.members]);
    if (id === undefined) return;
    group.members.delete(id);
    const body = patchOf({ op: 'remove', path: `members[value eq "${id}"]` });
    await this.insist([`removed:${group.id}/${id}`], 'PATCH', `/Groups/${group.id}`, body);
    group.etag = undefined;
  }

  private async renameGroup(group: OwnedGroup): Promise<void> {
    const marker = this.newMarker();
    const body = patchOf({ op: 'replace', path: 'displayName', value: marker });
    this.changed(group, await this.attempt([`marker:${marker}`], 'PATCH', `/Groups/${group.id}`, body), { marker });
  }

  /** The group as it is, less one member: only on the version just read, for an old list must not come true later. */
  private async replaceGroup(group: OwnedGroup): Promise<void> {
    const read = await this.client.send('GET', `/Groups/${group.id}`);
    if (read.status !== 200 || read.etag === undefined) return;
    const out = this.random.pick([...group.members]);
    const stay = (read.body.members ?? []).map(({ value }) => value).filter((value) => value !== out);
    const marker = this.newMarker();
    const effects: Effect[] = [`marker:${marker}`];
    if (out !== undefined && (read.body.members ?? []).some(({ value }) => value === out)) {
      group.members.delete(out);
      effects.push(`removed:${group.id}/${out}`);
    }
    const reply = await this.attempt(effects, 'PUT', `/Groups/${group.id}`, groupBody(marker, stay), read.etag);
    this.changed(group, reply, { marker });
  }

  private async deleteGroup(group: OwnedGroup): Promise<void> {
    this.groups.delete(group.id);
    await this.insist([`deleted:${group.id}`], 'DELETE', `/Groups/${group.id}`, undefined);
  }

  private changed(resource: Owned, reply: Reply, now: { readonly marker: string; readonly name?: string }): void {
    const expected = reply.outcome !== 'refused' || (reply.status === 412 && !resource.isSure);
    const isMemberGone = reply.status === 400 || reply.status === 412; // of a group whose member goes at this moment
    if (!expected && !(this.groups.has(resource.id) && isMemberGone))
      this.complain(`changing an own resource was answered ${reply.status}: ${reply.body.detail}`);
    if (reply.outcome === 'acknowledged') Object.assign(resource, now);
    if (reply.outcome === 'unknown') resource.isSure = false;
    resource.etag = reply.outcome === 'acknowledged' ? reply.etag : undefined;
  }

  /** Repeats what may safely be repeated until there is an answer; returns how many times it asked, 0 if none came. */
  private async insist(effects: readonly Effect[], method: string, path: string, body?: object): Promise<number> {
    for (let tries = 1; tries <= RETRIES; tries += 1) {
      const reply = await this.client.send(method, path, body);
      // Gone although we own it: an earlier try has done it.
      const isDone = reply.status === 404 && method === 'DELETE' && tries > 1;
      this.record(effects, isDone ? 'acknowledged' : reply.outcome);
      if (reply.outcome === 'acknowledged' || isDone) return tries;
      if (reply.outcome === 'refused') {
        this.complain(`${method} on an own resource was answered ${reply.status}: ${reply.body.detail}`);
        return 0;
      }
    }
    return 0;
  }

  private async attempt(
    effects: readonly Effect[],
    method: string,
    path: string,
    body: object,
    ifMatch?: string,
  ): Promise<Reply> {
    const reply = await this.client.send(method, path, body, ifMatch);
    this.record(effects, reply.outcome);
    return reply;
  }

  private record(effects: readonly Effect[], outcome: Reply['outcome']): void {
    this.journal.record({ tenantId: this.client.tenantId, lane: this.name, effects, outcome });
  }

  private complain(what: string): void {
    this.journal.complain(`${this.name}: ${what}`);
  }

  private newMarker(): string {
    this.attempts += 1;
    return `${this.name}-try-${this.attempts}`;
  }

  private newName(): string {
    this.names += 1;
    return `${this.name}-user-${this.names}`;
  }
}

const userBody = (userName: string, title: string) => ({ schemas: [USER], userName, title });
const groupBody = (displayName: string, members: readonly string[]) => ({
  schemas: [GROUP],
  displayName,
  members: members.map((value) => ({ value })),
});
