import { randomBytes } from 'node:crypto';

const TOKEN = /^([0-9A-Za-z]{1,40})\.([\w-]{43})$/;

/** What a one-time link holds: whom it is for, and 256 random bits. */
export interface Invitation {
  readonly id: string;
  readonly secret: string;
}

export const newInvitation = (id: string): Invitation => ({ id, secret: randomBytes(32).toString('base64url') });

/** The link as it is sent to the administrator. */
export const invitationLink = (issuer: string, { id, secret }: Invitation): string =>
  `${issuer}/oauth2/invitation/${id}.${secret}`;

/** Reads the last part of a link; undefined when it cannot be one. */
export const parseInvitation = (token: string): Invitation | undefined => {
  const [, id, secret] = TOKEN.exec(token) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
};
