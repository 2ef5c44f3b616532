import { GROUP } from '../e2e/clients.js';
import type { Effect } from './attempts.js';
import { patchOf, type Desk, type Membership, type Owned, type OwnedGroup } from './desk.js';

/** What a lane does with groups. */
export class GroupWork {
  constructor(private readonly desk: Desk) {}

  /** Names of groups need not be unique: only the key keeps a repeated request from making a second one. */
  async create(): Promise<void> {
    const marker = this.desk.newMarker();
    const reply = await this.desk.createOnce('/Groups', marker, groupBody(marker, []));
    if (reply === undefined) return;
    const { etag } = reply;
    const { id } = reply.body;
    const people = { members: new Set<string>(), known: new Set<string>() };
    this.desk.groups.set(id, { id, name: marker, marker, etag, isSure: true, ...people });
  }

  async addMember(group: Membership, { id }: Owned): Promise<void> {
    if (group.known.has(id)) return;
    group.known.add(id);
    const body = patchOf({ op: 'add', path: 'members', value: [{ value: id }] });
    const done = await this.desk.insist([`added:${group.id}/${id}`], 'PATCH', `/Groups/${group.id}`, body);
    this.moved(group);
    if (done?.tries === 1) group.members.add(id);
  }

  async removeMember(group: Membership): Promise<void> {
    const id = this.desk.random.pick([...group.members]);
    if (id === undefined) return;
    group.members.delete(id);
    const body = patchOf({ op: 'remove', path: `members[value eq "${id}"]` });
    await this.desk.insist([`removed:${group.id}/${id}`], 'PATCH', `/Groups/${group.id}`, body);
    this.moved(group);
  }

  async rename(group: OwnedGroup): Promise<void> {
    const marker = this.desk.newMarker();
    const body = patchOf({ op: 'replace', path: 'displayName', value: marker });
    const reply = await this.desk.attempt([`marker:${marker}`], 'PATCH', `/Groups/${group.id}`, body);
    this.desk.changed(group, reply, { marker });
  }

  /** The group as it is, less one member: only on the version just read, for an old list must not come true later. */
  async replace(group: OwnedGroup): Promise<void> {
    const { desk } = this;
    const read = await desk.client.send('GET', `/Groups/${group.id}`);
    if (read.status !== 200 || read.etag === undefined) return;
    const out = desk.random.pick([...group.members]);
    const stay = (read.body.members ?? []).map(({ value }) => value).filter((value) => value !== out);
    const marker = desk.newMarker();
    const effects: Effect[] = [`marker:${marker}`];
    if (out !== undefined && (read.body.members ?? []).some(({ value }) => value === out)) {
      group.members.delete(out);
      effects.push(`removed:${group.id}/${out}`);
    }
    const conditions = { 'if-match': read.etag };
    const reply = await desk.attempt(effects, 'PUT', `/Groups/${group.id}`, groupBody(marker, stay), conditions);
    desk.changed(group, reply, { marker });
  }

  async delete(group: OwnedGroup): Promise<void> {
    this.desk.groups.delete(group.id);
    await this.desk.insist([`deleted:${group.id}`], 'DELETE', `/Groups/${group.id}`);
  }

  /** Its version is another one now. */
  private moved({ id }: Membership): void {
    const own = this.desk.groups.get(id);
    if (own !== undefined) own.etag = undefined;
  }
}

const groupBody = (displayName: string, members: readonly string[]) => ({
  schemas: [GROUP],
  displayName,
  members: members.map((value) => ({ value })),
});
