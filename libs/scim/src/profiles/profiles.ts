import { defaultProfile } from './default.js';
import { entra } from './entra.js';
import { google } from './google.js';
import { interopStrict } from './interop-strict.js';
import { jumpcloud } from './jumpcloud.js';
import { okta } from './okta.js';
import { onelogin } from './onelogin.js';
import { ping } from './ping.js';
import type { Profile, ProfileName } from './profile.js';
import { rfc } from './rfc.js';

/** Total: a name without a profile does not build. */
export const profiles: Readonly<Record<ProfileName, Profile>> = {
  default: defaultProfile,
  rfc,
  entra,
  okta,
  onelogin,
  google,
  jumpcloud,
  ping,
  'interop-strict': interopStrict,
};
