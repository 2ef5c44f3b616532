import { TenancyError } from './refusal.js';

const NAME_LIMIT = 200;
const CONTROL_CHARACTER = /\p{Cc}/u;

/** Returns the name, trimmed. Throws `name-invalid` when it is empty, too long or holds control characters. */
export const checkedName = (name: string): string => {
  const trimmed = name.trim();
  if (trimmed === '' || [...trimmed].length > NAME_LIMIT || CONTROL_CHARACTER.test(trimmed))
    throw new TenancyError(
      'name-invalid',
      `A name has 1 to ${NAME_LIMIT} characters, none of them a control character.`,
    );
  return trimmed;
};

/** Returns the moment. Throws `expiry-invalid` when it is no time after `at` (both ISO 8601). */
export const checkedExpiry = (expiresAt: string, at: string): string => {
  if (!(Date.parse(expiresAt) > Date.parse(at)))
    throw new TenancyError('expiry-invalid', 'The expiry must be a time in the future.');
  return expiresAt;
};
