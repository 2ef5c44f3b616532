import { z } from 'zod';
import { TenancyError } from '#tenancy';
import type { KeyFetch } from './key-fetch.js';

const metadata = z.object({ issuer: z.string(), jwks_uri: z.string() });

/** Finds where an issuer publishes its keys (OpenID Connect Discovery §4). */
export class IssuerDiscovery {
  constructor(private readonly fetch: KeyFetch) {}

  /** The JWKS URL in the metadata of the issuer. Throws `authentication-invalid` when there is none to be had. */
  async jwksUri(issuer: string): Promise<string> {
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const found = metadata.safeParse(await this.read(url));
    if (!found.success || found.data.issuer !== issuer)
      throw new TenancyError(
        'authentication-invalid',
        `${url} is not the metadata of that issuer; give federation.jwksUri.`,
      );
    return found.data.jwks_uri;
  }

  private async read(url: string): Promise<unknown> {
    try {
      return await (await this.fetch(url)).json();
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown';
      throw new TenancyError('authentication-invalid', `${url} cannot be read (${reason}); give federation.jwksUri.`);
    }
  }
}
