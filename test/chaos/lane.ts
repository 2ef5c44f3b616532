import { BulkWork } from './bulk-work.js';
import type { Desk } from './desk.js';
import { GroupWork } from './group-work.js';
import { UserWork } from './user-work.js';

/**
 * One client at work on resources that nobody else touches, and in one group where all lanes of its tenant meet. Every attempt writes a text of
 * its own, so that the log tells afterwards which of them took place, how often, and in which order; an attempt without an answer may have or not.
 */
export class Lane {
  private readonly users: UserWork;
  private readonly groups: GroupWork;
  private readonly bulk: BulkWork;

  constructor(private readonly desk: Desk) {
    this.users = new UserWork(desk);
    this.groups = new GroupWork(desk);
    this.bulk = new BulkWork(desk, this.users);
  }

  /** Works until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.step();
      await new Promise((go) => setTimeout(go, this.desk.random.between(5, 25)));
    }
  }

  private async step(): Promise<void> {
    const { random, commons } = this.desk;
    const [own, people] = [[...this.desk.groups.values()], [...this.desk.users.values()]];
    const [user, other, group] = [random.pick(people), random.pick(people), random.pick(own)];
    if (user === undefined || other === undefined || random.next() < 0.12) return this.users.create();
    if (group === undefined || random.next() < 0.06) return this.groups.create();
    const work = random.weighted<() => Promise<void>>([
      [() => this.users.createWithKey(), 8],
      [() => this.users.patch(user), 14],
      [() => this.users.replace(user), 8],
      [() => this.users.patchWithStaleTag(user), 3],
      [() => this.users.read(user), 10],
      [() => this.users.delete(user), 6],
      [() => this.users.raceForName(), 3],
      [() => this.groups.addMember(group, user), 12],
      [() => this.groups.addMember(commons, user), 8],
      [() => this.groups.removeMember(group), 5],
      [() => this.groups.removeMember(commons), 4],
      [() => this.groups.rename(group), 5],
      [() => this.groups.replace(group), 4],
      [() => this.groups.delete(group), 1],
      [() => this.bulk.run(user, other), 4],
    ]);
    await work?.();
  }
}
