import { z } from 'zod';
import { authenticationMethods, TenancyError, type ClientAuthentication } from '#tenancy';
import type { IssuerDiscovery } from '../oauth/assertions/issuer-discovery.js';

const text = z.string().max(2000);

/** How a client authenticates, in the words of RFC 7591 §2 where it has them. What keys and URLs must be like is the decider's to say. */
export const authenticationFields = {
  tokenEndpointAuthMethod: z.enum(authenticationMethods).optional(),
  jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())).max(100) }).optional(),
  jwksUri: text.optional(),
  federation: z.strictObject({ issuer: text, jwksUri: text.optional(), subject: text, audience: text }).optional(),
};

type Fields = z.output<z.ZodObject<typeof authenticationFields>>;

/** What the fields ask for; undefined when they ask for nothing. Throws `authentication-invalid` when they do not go together. */
export const authenticationIn = async (
  fields: Fields,
  discovery: IssuerDiscovery,
): Promise<ClientAuthentication | undefined> => {
  const { tokenEndpointAuthMethod: method, jwks, jwksUri, federation } = fields;
  const rest = { jwks, jwksUri, federation };
  const given = Object.entries(rest).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const wanted =
    method ?? (given.length === 0 ? undefined : given.includes('federation') ? 'federated_jwt' : 'private_key_jwt');
  if (wanted === undefined) return undefined;
  if (given.length !== (wanted === 'client_secret_basic' ? 0 : 1)) throw doNotMatch();
  if (wanted === 'client_secret_basic') return { method: wanted };
  if (wanted === 'federated_jwt') return federated(rest.federation, discovery);
  if (rest.jwksUri !== undefined) return { method: wanted, jwksUri: rest.jwksUri };
  return { method: wanted, jwks: { keys: keysOf(rest.jwks) } };
};

const federated = async (
  federation: Fields['federation'],
  discovery: IssuerDiscovery,
): Promise<ClientAuthentication> => {
  if (federation === undefined) throw doNotMatch();
  const { issuer, jwksUri, ...claims } = federation;
  return { method: 'federated_jwt', issuer, jwksUri: jwksUri ?? (await discovery.jwksUri(issuer)), ...claims };
};

/** Members that are no text are none that a public key needs. */
const keysOf = (jwks: Fields['jwks']): Record<string, string>[] => {
  if (jwks === undefined) throw doNotMatch();
  return jwks.keys.map((key) =>
    Object.fromEntries(
      Object.entries(key).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    ),
  );
};

const doNotMatch = (): TenancyError =>
  new TenancyError(
    'authentication-invalid',
    'client_secret_basic takes no keys, private_key_jwt either jwks or jwksUri, federated_jwt federation.',
  );

/** The same fields, as a client is shown. */
export const authenticationShown = (authentication: ClientAuthentication) => {
  const { method: tokenEndpointAuthMethod, ...fields } = authentication;
  return tokenEndpointAuthMethod === 'federated_jwt'
    ? { tokenEndpointAuthMethod, federation: fields }
    : { tokenEndpointAuthMethod, ...fields };
};
