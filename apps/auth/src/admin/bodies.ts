import { z } from 'zod';
import { authenticationFields } from './client-authentication-body.js';

/** Three years: what identity providers demand of a secret at most (C-E16); a year is what most people want. */
const MOST_DAYS = 1095;
const days = (fallback: number) => z.number().int().min(1).max(MOST_DAYS).default(fallback);
const text = z.string().max(2000);

export const createTenantBody = z.strictObject({ id: text, displayName: text });

/** A setting of null goes back to its default. Which settings there are, and what they take, is the decider's to say. */
export const changeTenantBody = z.strictObject({
  displayName: text.optional(),
  suspended: z.boolean().optional(),
  settings: z.record(z.string(), z.unknown()).optional(),
});

export const createTokenBody = z.strictObject({ name: text, expiresInDays: days(365) });

export const createClientBody = z.strictObject({
  name: text,
  grantTypes: z.array(z.string()).max(10).default(['client_credentials']),
  redirectUris: z.array(text).max(100).default([]),
  oktaAppName: text.optional(),
  secretExpiresInDays: days(730),
  ...authenticationFields,
});

export const changeClientBody = z.strictObject({
  name: text.optional(),
  enabled: z.boolean().optional(),
  ...authenticationFields,
});

const EMAIL = /^[^\s@\0]+@[^\s@\0]+$/;

export const inviteAdministratorBody = z.strictObject({
  email: z.string().max(254).regex(EMAIL, 'Give an e-mail address.'),
  displayName: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .regex(/^\P{Cc}+$/u, 'Give a name without control characters.'),
});

export const changeAdministratorBody = z.strictObject({ enabled: z.boolean() });

export const addSecretBody = z.strictObject({ expiresInDays: days(730) });

/** What an RFC 7643 Schema or ResourceType document holds is the decider's to say. */
export const schemaDocument = z.record(z.string(), z.unknown());

export type CreateTenantBody = z.output<typeof createTenantBody>;
export type ChangeTenantBody = z.output<typeof changeTenantBody>;
export type CreateTokenBody = z.output<typeof createTokenBody>;
export type CreateClientBody = z.output<typeof createClientBody>;
export type ChangeClientBody = z.output<typeof changeClientBody>;
export type InviteAdministratorBody = z.output<typeof inviteAdministratorBody>;
export type ChangeAdministratorBody = z.output<typeof changeAdministratorBody>;
export type AddSecretBody = z.output<typeof addSecretBody>;
export type SchemaDocumentBody = z.output<typeof schemaDocument>;

const DAY_MS = 86_400_000;

/** ISO time that many days after `from`. */
export const daysAfter = (from: Date, count: number): string => new Date(from.getTime() + count * DAY_MS).toISOString();
