import { randomBytes } from 'node:crypto';

/** What answers hold, as far as the suites look into it. */
export type Body = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly value: string;
  readonly token: string;
  readonly detail: string;
  readonly totalResults: number;
  readonly Resources: readonly Body[];
  readonly members?: readonly Body[];
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

const parse = (text: string): Body => (text === '' ? {} : JSON.parse(text)) as Body;

/** Sends one request; JSON in, JSON out. */
export const send = async (
  url: string,
  options: {
    method?: string;
    token?: string;
    body?: unknown;
    raw?: string;
    headers?: Readonly<Record<string, string>>;
  } = {},
): Promise<Answer> => {
  const { method = 'GET', token, body, raw, headers } = options;
  const response = await fetch(url, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined && raw === undefined ? {} : { 'content-type': 'application/scim+json' }),
      ...headers,
    },
    ...(raw !== undefined ? { body: raw } : body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: parse(await response.text()) };
};

/** A tenant with a SCIM token, as an operator makes it. */
export class TenantClient {
  private constructor(
    readonly id: string,
    readonly scimUrl: string,
    readonly token: string,
  ) {}

  static async create(
    system: { url: string; adminToken: string },
    settings: object = { rateLimit: { perSecond: 100_000, burst: 100_000 } },
    id = `t-${randomBytes(4).toString('hex')}`,
  ): Promise<TenantClient> {
    const admin = { token: system.adminToken, headers: { 'content-type': 'application/json' } };
    const created = await send(`${system.url}/admin/v1/tenants`, {
      ...admin,
      method: 'POST',
      body: { id, displayName: 'Test' },
    });
    if (created.status !== 201)
      throw new Error(`creating the tenant: ${created.status} ${JSON.stringify(created.body)}`);
    const patched = await send(`${system.url}/admin/v1/tenants/${id}`, {
      ...admin,
      method: 'PATCH',
      body: { settings },
    });
    if (patched.status !== 200)
      throw new Error(`setting the tenant's rate: ${patched.status} ${JSON.stringify(patched.body)}`);
    const issued = await send(`${system.url}/admin/v1/tenants/${id}/tokens`, {
      ...admin,
      method: 'POST',
      body: { name: 'test', expiresInDays: 1 },
    });
    if (issued.status !== 201) throw new Error(`issuing the token: ${issued.status} ${JSON.stringify(issued.body)}`);
    return new TenantClient(id, `${system.url}/t/${id}/scim/v2`, issued.body.token);
  }

  /** The same tenant through another process. */
  through(url: string): TenantClient {
    return new TenantClient(this.id, `${url}/t/${this.id}/scim/v2`, this.token);
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return send(this.scimUrl + path, { token: this.token, headers });
  }

  send(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return send(this.scimUrl + path, { method, token: this.token, headers, ...(body === undefined ? {} : { body }) });
  }

  /** Creates a user; returns its id. */
  async user(userName: string, more: object = {}): Promise<string> {
    const answer = await this.send('POST', '/Users', { schemas: [USER], userName, ...more });
    if (answer.status !== 201) throw new Error(`creating ${userName}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body.id;
  }

  /** Creates a group; returns its id. */
  async group(displayName: string, members: readonly string[] = []): Promise<string> {
    const answer = await this.send('POST', '/Groups', {
      schemas: [GROUP],
      displayName,
      members: members.map((value) => ({ value })),
    });
    if (answer.status !== 201)
      throw new Error(`creating ${displayName}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body.id;
  }

  patch(path: string, operations: readonly object[], headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.send(
      'PATCH',
      path,
      { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations },
      headers,
    );
  }
}

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

export const times = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);
