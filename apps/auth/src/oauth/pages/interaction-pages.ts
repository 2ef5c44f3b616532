import type Koa from 'koa';
import { errors, type Interaction, type InteractionResults, type Provider } from 'oidc-provider';
import { scimBaseUrl, type ControlQueries } from '#access';
import type { SignIn } from '../../administrators/sign-in.js';
import type { AdministratorActs } from '../../administrators/administrator-acts.js';
import { tenantOf } from '../provider.js';
import { isFromHere, readForm } from './form.js';
import { showPage } from './pages.js';

export interface InteractionParts {
  readonly issuer: string;
  readonly queries: Pick<ControlQueries, 'getTenant' | 'getClient' | 'getAdministrator'>;
  readonly signIn: SignIn;
  readonly acts: AdministratorActs;
}

/** What an authorization is about, for the people who look at the pages. */
interface Subject {
  readonly interaction: Interaction;
  readonly tenantId: string;
  readonly clientId: string;
  readonly tenant: string;
  readonly client: string;
  readonly redirectUri: string;
}

const TEXT = {
  refused: 'E-mail address or password is wrong.',
  expired: { title: 'This sign-in has expired', text: 'Go back to your identity provider and start again.' },
} as const;

/** The pages between a client's request for authorization and its answer: signing in, and consent (RFC 6749 §4.1.1). */
export class InteractionPages {
  constructor(private readonly parts: InteractionParts) {}

  /** Shows the page that is due, or takes what was sent by it. `address` is the browser's. */
  async handle(ctx: Koa.Context, provider: Provider, address: string): Promise<void> {
    const subject = await this.subjectOf(ctx, provider);
    if (subject === undefined) return showPage(ctx, 'message', TEXT.expired, { status: 400 });
    if (ctx.method !== 'POST') return this.show(ctx, subject);
    if (!isFromHere(ctx, this.parts.issuer)) return showPage(ctx, 'message', TEXT.expired, { status: 403 });
    const form = await readForm(ctx);
    const result =
      subject.interaction.prompt.name === 'login'
        ? await this.signedIn(ctx, subject, { form, address })
        : await this.consented(subject, form, provider);
    if (result === undefined) return; // the page is shown again
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
    ctx.status = 303;
  }

  /** The id in the address is as secret as the cookie beside it, and must be the same: no other site can send a form here. */
  private async subjectOf(ctx: Koa.Context, provider: Provider): Promise<Subject | undefined> {
    const interaction = await found(provider.interactionDetails(ctx.req, ctx.res));
    if (interaction === undefined || !ctx.path.endsWith(`/${interaction.uid}`)) return undefined;
    const { client_id: clientId = '', redirect_uri: redirectUri = '' } = interaction.params as Record<string, string>;
    const known = await provider.Client.find(clientId);
    if (known === undefined) return undefined;
    const tenantId = tenantOf(known);
    const [tenant, client] = await Promise.all([
      this.parts.queries.getTenant(tenantId),
      this.parts.queries.getClient(tenantId, clientId),
    ]);
    if (tenant === undefined || client === undefined) return undefined;
    return { interaction, tenantId, clientId, tenant: tenant.displayName, client: client.name, redirectUri };
  }

  private show(ctx: Koa.Context, { interaction, tenant, client, redirectUri }: Subject): void {
    const { host, origin } = new URL(redirectUri);
    if (interaction.prompt.name === 'login')
      showPage(ctx, 'signIn', { tenant, client, email: '' }, { formLeadsTo: origin });
    else showPage(ctx, 'consent', { tenant, client, host }, { formLeadsTo: origin });
  }

  private async signedIn(
    ctx: Koa.Context,
    { tenantId, clientId, tenant, client, redirectUri }: Subject,
    { form, address }: { readonly form: URLSearchParams; readonly address: string },
  ): Promise<InteractionResults | undefined> {
    if (form.get('decision') === 'cancel') return denied('the administrator did not sign in');
    const email = form.get('email') ?? '';
    const attempt = { tenantId, email, password: form.get('password') ?? '', address };
    const result = await this.parts.signIn.attempt(attempt);
    if (result.outcome === 'signed-in') {
      await this.parts.acts.signedIn(tenantId, { clientId, administratorId: result.administratorId });
      return { login: { accountId: result.administratorId, remember: false } };
    }
    const { origin } = new URL(redirectUri);
    if (result.outcome === 'refused')
      showPage(ctx, 'signIn', { tenant, client, email, fault: TEXT.refused }, { status: 401, formLeadsTo: origin });
    else {
      ctx.set('retry-after', String(result.minutes * 60));
      const fault = `There were too many attempts. Try again in ${result.minutes} minutes.`;
      showPage(ctx, 'signIn', { tenant, client, email, fault }, { status: 429, formLeadsTo: origin });
    }
    return undefined;
  }

  private async consented(
    { interaction, tenantId, clientId }: Subject,
    form: URLSearchParams,
    provider: Provider,
  ): Promise<InteractionResults> {
    const administratorId = interaction.session?.accountId ?? '';
    const administrator = await this.parts.queries.getAdministrator(administratorId);
    const may = administrator?.enabled === true && administrator.tenantId === tenantId;
    if (!may || form.get('decision') !== 'allow') return denied('the administrator did not allow access');
    const grant = new provider.Grant({ accountId: administratorId, clientId });
    grant.addOIDCScope('scim');
    grant.addResourceScope(scimBaseUrl(this.parts.issuer, tenantId), 'scim');
    const grantId = await grant.save();
    await this.parts.acts.authorized(tenantId, { clientId, administratorId });
    return { consent: { grantId } };
  }
}

const denied = (error_description: string): InteractionResults => ({ error: 'access_denied', error_description });

const found = async (details: Promise<Interaction>): Promise<Interaction | undefined> => {
  try {
    return await details;
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return undefined;
    throw error;
  }
};
