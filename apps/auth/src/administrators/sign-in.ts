import type { AdministratorPersons, ControlQueries, FailureCounts, FailureLimit } from '#access';
import { passwordMatches } from './password.js';

const QUARTER_HOUR = 900_000;
/** Of one account, whoever tries; and of one address, whomever it tries. Addresses are shared by whole companies. */
const OF_ACCOUNT: FailureLimit = { failures: 5, withinMs: QUARTER_HOUR };
const OF_ADDRESS: FailureLimit = { failures: 50, withinMs: QUARTER_HOUR };
const LONGEST_PASSWORD = 1000;

export type SignInOutcome =
  | { readonly outcome: 'signed-in'; readonly administratorId: string }
  | { readonly outcome: 'refused' }
  | { readonly outcome: 'wait'; readonly minutes: number };

/** Who tries to sign in, where, and from where. */
export interface SignInAttempt {
  readonly tenantId: string;
  readonly email: string;
  readonly password: string;
  readonly address: string;
}

/** Signs administrators in. Whether there is an account cannot be told by the answer, by how long it takes, or by when guessing is stopped. */
export class SignIn {
  constructor(
    private readonly persons: Pick<AdministratorPersons, 'byEmail'>,
    private readonly queries: Pick<ControlQueries, 'getAdministrator'>,
    private readonly failures: FailureCounts,
  ) {}

  async attempt({ tenantId, email, password, address }: SignInAttempt): Promise<SignInOutcome> {
    const account = `sign-in ${tenantId} ${email.normalize('NFKC').toLowerCase()}`;
    const from = `sign-in from ${address}`;
    const waits = await Promise.all([
      this.failures.waitMs(account, OF_ACCOUNT),
      this.failures.waitMs(from, OF_ADDRESS),
    ]);
    const waitMs = Math.max(...waits);
    if (waitMs > 0) return { outcome: 'wait', minutes: Math.ceil(waitMs / 60_000) };
    const administratorId = await this.verified({ tenantId, email, password: password.slice(0, LONGEST_PASSWORD) });
    if (administratorId !== undefined) {
      await this.failures.forget(account);
      return { outcome: 'signed-in', administratorId };
    }
    await Promise.all([this.failures.count(account, OF_ACCOUNT), this.failures.count(from, OF_ADDRESS)]);
    return { outcome: 'refused' };
  }

  private async verified({ tenantId, email, password }: Omit<SignInAttempt, 'address'>): Promise<string | undefined> {
    const person = await this.persons.byEmail(tenantId, email.replaceAll('\0', ''));
    const matches = await passwordMatches(password, person?.passwordHash);
    if (person === undefined || !matches) return undefined;
    const administrator = await this.queries.getAdministrator(person.id);
    return administrator?.enabled === true && administrator.activated ? person.id : undefined;
  }
}
