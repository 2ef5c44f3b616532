import { USER, type Body } from '../e2e/clients.js';
import { patchOf, type Desk, type Owned } from './desk.js';

/** What a lane does with users. */
export class UserWork {
  constructor(private readonly desk: Desk) {}

  /** Without a key, each try is another request; the userName keeps two of them from both coming true. */
  async create(): Promise<void> {
    const name = this.desk.newName();
    const markers: string[] = [];
    await this.desk.retry(async () => {
      const marker = this.desk.newMarker();
      const reply = await this.desk.attempt([`marker:${marker}`], 'POST', '/Users', userBody(name, marker));
      markers.push(marker);
      if (reply.status === 201) this.adopt(reply.body, name, marker, reply.etag);
      else if (reply.status === 409) await this.adoptEarlier(name, markers);
      else if (reply.outcome === 'refused') this.desk.complain(`creating a user was answered ${reply.status}`);
      return reply.outcome === 'unknown' ? 'open' : 'settled';
    });
  }

  /** With an Idempotency-Key the same request may be sent again and again, to whichever process. */
  async createWithKey(): Promise<void> {
    const [name, marker] = [this.desk.newName(), this.desk.newMarker()];
    const reply = await this.desk.createOnce('/Users', marker, userBody(name, marker));
    if (reply !== undefined) this.adopt(reply.body, name, marker, reply.etag);
  }

  adopt({ id }: Pick<Body, 'id'>, name: string, marker: string, etag: string | undefined): void {
    this.desk.users.set(id, { id, name, marker, etag, isSure: true });
  }

  /** Two at once ask for one name, in other letters: both may not get it. */
  async raceForName(): Promise<void> {
    const name = this.desk.newName();
    const tries = [name, name.toUpperCase()].map((spelt) => ({ spelt, marker: this.desk.newMarker() }));
    const replies = await Promise.all(
      tries.map(({ spelt, marker }) =>
        this.desk.attempt([`marker:${marker}`], 'POST', '/Users', userBody(spelt, marker)),
      ),
    );
    if (replies.filter(({ status }) => status === 201).length > 1) this.desk.complain('one userName was given twice');
    for (const [index, { spelt, marker }] of tries.entries()) {
      const reply = replies[index];
      if (reply?.status === 201) this.adopt(reply.body, spelt, marker, reply.etag);
    }
  }

  async patch(user: Owned): Promise<void> {
    const { desk } = this;
    const marker = desk.newMarker();
    const body = patchOf(
      { op: 'replace', path: 'title', value: marker },
      { op: 'replace', path: 'active', value: desk.random.next() < 0.5 },
    );
    const conditions = desk.random.next() < 0.5 && user.etag !== undefined ? { 'if-match': user.etag } : {};
    const reply = await desk.attempt([`marker:${marker}`], 'PATCH', `/Users/${user.id}`, body, conditions);
    desk.changed(user, reply, { marker });
  }

  async replace(user: Owned): Promise<void> {
    const { desk } = this;
    const marker = desk.newMarker();
    const name = desk.random.next() < 0.5 ? desk.newName() : user.name;
    const reply = await desk.attempt([`marker:${marker}`], 'PUT', `/Users/${user.id}`, userBody(name, marker));
    if (reply.outcome === 'unknown') user.name = desk.newName(); // both names may be ours now; the next PUT takes a third
    desk.changed(user, reply, { marker, name });
  }

  async patchWithStaleTag(user: Owned): Promise<void> {
    const revision = Number(/\d+/.exec(user.etag ?? '')?.[0] ?? 0);
    if (revision < 1) return;
    const marker = this.desk.newMarker();
    const body = patchOf({ op: 'replace', path: 'title', value: marker });
    const stale = { 'if-match': `W/"${revision - 1}"` };
    const { status } = await this.desk.attempt([`marker:${marker}`], 'PATCH', `/Users/${user.id}`, body, stale);
    if (status < 300 && status > 0) this.desk.complain('a stale If-Match was accepted');
  }

  /** Reads its own writes, through whichever scim-api. */
  async read(user: Owned): Promise<void> {
    const reply = await this.desk.client.send('GET', `/Users/${user.id}`);
    if (reply.outcome === 'unknown') return;
    if (reply.status !== 200) return this.desk.complain(`reading an own user was answered ${reply.status}`);
    if (user.isSure && reply.body['title'] !== user.marker)
      this.desk.complain(
        `${user.id}: a read shows ${String(reply.body['title'])} after ${user.marker} was acknowledged`,
      );
    user.etag = reply.etag;
  }

  async delete(user: Owned): Promise<void> {
    this.forget(user);
    await this.desk.insist([`deleted:${user.id}`], 'DELETE', `/Users/${user.id}`);
  }

  /** Nobody works on this user any more. */
  forget({ id }: Owned): void {
    this.desk.users.delete(id);
    for (const { members } of [this.desk.commons, ...this.desk.groups.values()]) members.delete(id);
  }

  /** The name is taken: then an attempt without an answer has taken it, and its user must be found. */
  private async adoptEarlier(name: string, markers: readonly string[]): Promise<void> {
    await this.desk.retry(async () => {
      const path = `/Users?filter=${encodeURIComponent(`userName eq "${name}"`)}`;
      const reply = await this.desk.client.send('GET', path);
      if (reply.outcome === 'unknown') return 'open';
      const [found, ...others] = reply.body.Resources ?? [];
      const marker = String(found?.['title']);
      if (found === undefined || others.length > 0 || !markers.slice(0, -1).includes(marker))
        this.desk.complain(`409 for a userName, and the search for it finds ${reply.body.totalResults} users`);
      else this.adopt(found, name, marker, undefined);
      return 'settled';
    });
  }
}

export const userBody = (userName: string, title: string) => ({ schemas: [USER], userName, title });
