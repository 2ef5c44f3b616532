import type Koa from 'koa';
import type { AdministratorPersons, ControlQueries } from '#access';
import type { AdministratorActs } from '../../administrators/administrator-acts.js';
import { parseInvitation } from '../../administrators/invitation.js';
import { hashPassword } from '../../administrators/password.js';
import { faultOfPassword } from '../../administrators/password-rules.js';
import { isFromHere, readForm } from './form.js';
import { showPage } from './pages.js';

export interface InvitationParts {
  readonly issuer: string;
  readonly persons: Pick<AdministratorPersons, 'byLink' | 'choosePassword'>;
  readonly queries: Pick<ControlQueries, 'getTenant' | 'getAdministrator'>;
  readonly acts: AdministratorActs;
  readonly now: () => Date;
}

interface Invited {
  readonly id: string;
  readonly secret: string;
  readonly tenantId: string;
  readonly tenant: string;
  readonly email: string;
  readonly displayName: string;
}

const GONE = {
  title: 'This link does not work any more',
  text: 'It was used, replaced by a newer one, or has expired. Ask whoever runs this service for a new link.',
};
const DONE = {
  title: 'Your password is saved',
  text: 'You can close this page, and sign in when you connect your identity provider.',
};

/** Where a one-time link leads: an administrator chooses a password. Looking at the page does not use the link up, for mail scanners look, too. */
export class InvitationPage {
  constructor(private readonly parts: InvitationParts) {}

  async handle(ctx: Koa.Context): Promise<void> {
    const invited = await this.invitedBy(ctx.path.slice(ctx.path.lastIndexOf('/') + 1));
    if (invited === undefined) return showPage(ctx, 'message', GONE, { status: 410 });
    const { tenant, email } = invited;
    if (ctx.method !== 'POST') return showPage(ctx, 'password', { tenant, email });
    if (!isFromHere(ctx, this.parts.issuer)) return showPage(ctx, 'message', GONE, { status: 403 });
    const form = await readForm(ctx);
    const fault = faultOf(form, invited);
    if (fault !== undefined) return showPage(ctx, 'password', { tenant, email, fault }, { status: 400 });
    const saved = await this.save(invited, form.get('password') ?? '');
    return saved ? showPage(ctx, 'message', DONE) : showPage(ctx, 'message', GONE, { status: 410 });
  }

  private async invitedBy(token: string): Promise<Invited | undefined> {
    const { persons, queries, now } = this.parts;
    const link = parseInvitation(token);
    const administrator = link && (await queries.getAdministrator(link.id));
    if (link === undefined || administrator?.enabled !== true) return undefined;
    const { tenantId } = administrator;
    const [person, tenant] = await Promise.all([
      persons.byLink(tenantId, link.id, link.secret, now()),
      queries.getTenant(tenantId),
    ]);
    if (person === undefined || tenant?.status !== 'active') return undefined;
    return { ...link, ...person, tenantId, tenant: tenant.displayName };
  }

  private async save({ tenantId, id, secret }: Invited, password: string): Promise<boolean> {
    const { persons, acts, now } = this.parts;
    const hash = await hashPassword(password);
    if (!(await persons.choosePassword(tenantId, id, { secret, now: now() }, hash))) return false;
    await acts.activated(tenantId, id);
    return true;
  }
}

const faultOf = (form: URLSearchParams, { email, displayName, tenant }: Invited): string | undefined => {
  const password = form.get('password') ?? '';
  const fault = faultOfPassword(password, [email, displayName, tenant]);
  return fault ?? (password === form.get('again') ? undefined : 'The two passwords are not the same.');
};
