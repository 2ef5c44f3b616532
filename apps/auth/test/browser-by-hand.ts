import { ISSUER, type Replica } from './auth-replicas.js';

export interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  /** Where it led at the end: a page of ours, or the client's redirect URI, which is not fetched. */
  readonly url: string;
}

/** Follows redirects and keeps cookies, as a browser does; every request may go to another replica. */
export class BrowserByHand {
  readonly cookies: string[] = [];
  private readonly jar = new Map<string, { value: string; path: string }>();
  private turn = 0;

  constructor(private readonly replicas: readonly Replica[]) {}

  get(url: string): Promise<Page> {
    return this.follow('GET', url);
  }

  post(url: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Page> {
    return this.follow('POST', url, new URLSearchParams(fields).toString(), headers);
  }

  private async follow(
    method: string,
    url: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<Page> {
    let [next, verb, form] = [url, method, body];
    for (let hops = 0; hops < 10; hops++) {
      const at = new URL(next, ISSUER);
      if (at.origin !== ISSUER) return { status: 0, headers: new Headers(), html: '', url: at.href };
      const answer = await this.send(verb, at, form, headers);
      const location = answer.headers.get('location');
      const html = await answer.text();
      if (location === null) return { status: answer.status, headers: answer.headers, html, url: at.href };
      [next, verb, form] = [new URL(location, at).href, 'GET', undefined];
    }
    throw new Error('Too many redirects.');
  }

  private async send(
    method: string,
    at: URL,
    body: string | undefined,
    headers: Record<string, string>,
  ): Promise<Response> {
    const replica = this.replicas[this.turn++ % this.replicas.length];
    const cookie = [...this.jar]
      .filter(([, { path }]) => at.pathname.startsWith(path))
      .map(([name, { value }]) => `${name.split(' ', 1)[0]}=${value}`)
      .join('; ');
    const type = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded', origin: ISSUER };
    const answer = await fetch(`${replica?.url}${at.pathname}${at.search}`, {
      method,
      redirect: 'manual',
      headers: { accept: 'text/html', ...(cookie === '' ? {} : { cookie }), ...type, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    for (const set of answer.headers.getSetCookie()) this.keep(set);
    return answer;
  }

  private keep(set: string): void {
    this.cookies.push(set);
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
    const path = /path=([^;]*)/i.exec(set)?.[1] ?? '/';
    if (value === '') this.jar.delete(`${name} ${path}`);
    else this.jar.set(`${name} ${path}`, { value, path });
  }
}
