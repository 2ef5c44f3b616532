import { entra } from './entra.js';
import { okta } from './okta.js';
import { onelogin } from './onelogin.js';
import type { Profile } from './profile.js';
import { rfc } from './rfc.js';

/** Lenient in, exact out: what any client is known to send is understood by what it says, never by who says it is asking. */
export const defaultProfile: Profile = {
  name: 'default',
  tolerates: { ...rfc.tolerates, ...okta.tolerates, ...onelogin.tolerates, ...entra.tolerates },
};
