import { defaultProfile } from './default.js';
import type { Profile } from './profile.js';

/** PingOne and PingFederate: nothing of its traffic is recorded that would prove a tolerance needless, so it keeps all of them. */
export const ping: Profile = { ...defaultProfile, name: 'ping' };
