import type { Decider, Message } from '#event-sourcing';
import { checkedExpiry, checkedName } from '../checks.js';
import { TenancyError } from '../refusal.js';

/** What a credential may do. `scim` unlocks the SCIM endpoints of its tenant and nothing else (F4, F14). */
export const knownScopes = ['scim'] as const;
export type Scope = (typeof knownScopes)[number];

/** A token as it is kept: the hash only, of 256 random bits. Its lifetime is always limited (R14). */
export type ScimToken = Readonly<{
  tokenId: string;
  name: string;
  hash: string;
  expiresAt: string;
  scopes: readonly Scope[];
}>;

export type ScimTokenCommand =
  Message<'IssueScimToken', ScimToken & { at: string }> | Message<'RevokeScimToken', { tokenId: string }>;

export type ScimTokenEvent = Message<'ScimTokenIssued', ScimToken> | Message<'ScimTokenRevoked', { tokenId: string }>;

export type ScimTokenState = Readonly<
  { status: 'absent' } | ({ status: 'issued' } & ScimToken) | { status: 'revoked' }
>;

const decide = (command: ScimTokenCommand, state: ScimTokenState): readonly ScimTokenEvent[] => {
  switch (command.type) {
    case 'IssueScimToken': {
      if (state.status !== 'absent') throw new TenancyError('token-id-taken', 'This token id is taken.');
      const { at, name, expiresAt, scopes, ...rest } = command.data;
      const checked = {
        name: checkedName(name),
        expiresAt: checkedExpiry(expiresAt, at),
        scopes: checkedScopes(scopes),
      };
      return [{ type: 'ScimTokenIssued', data: { ...rest, ...checked } }];
    }
    case 'RevokeScimToken':
      if (state.status === 'absent') throw new TenancyError('token-not-found', 'The tenant has no such token.');
      if (state.status === 'revoked') return [];
      return [{ type: 'ScimTokenRevoked', data: { tokenId: command.data.tokenId } }];
  }
};

const checkedScopes = (scopes: readonly Scope[]): readonly Scope[] => {
  const unique = [...new Set(scopes)];
  if (unique.length === 0 || !unique.every((scope) => knownScopes.includes(scope)))
    throw new TenancyError('scope-unknown', `Known scopes: ${knownScopes.join(', ')}.`);
  return unique;
};

const evolve = (state: ScimTokenState, event: ScimTokenEvent): ScimTokenState => {
  switch (event.type) {
    case 'ScimTokenIssued':
      return { status: 'issued', ...event.data };
    case 'ScimTokenRevoked':
      return { status: 'revoked' };
    default:
      event satisfies never;
      return state;
  }
};

/** The rules of one long-lived SCIM token: issued, revoked. A tenant has several at once, so that it can rotate them. */
export const scimTokenDecider: Decider<ScimTokenState, ScimTokenCommand, ScimTokenEvent> = {
  initialState: () => ({ status: 'absent' }),
  decide,
  evolve,
};
