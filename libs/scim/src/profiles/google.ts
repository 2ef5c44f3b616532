import { defaultProfile } from './default.js';
import type { Profile } from './profile.js';

/** Google Workspace: nothing of its traffic is recorded that would prove a tolerance needless, so it keeps all of them. */
export const google: Profile = { ...defaultProfile, name: 'google' };
