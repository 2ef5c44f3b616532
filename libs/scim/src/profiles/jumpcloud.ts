import { defaultProfile } from './default.js';
import type { Profile } from './profile.js';

/** JumpCloud: nothing of its traffic is recorded that would prove a tolerance needless, so it keeps all of them. */
export const jumpcloud: Profile = { ...defaultProfile, name: 'jumpcloud' };
