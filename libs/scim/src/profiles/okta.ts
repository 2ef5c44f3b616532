import { urns } from '../messages/urns.js';
import type { Profile } from './profile.js';
import { rfc } from './rfc.js';

/** Okta, apps of the integration network (PATCH) and of the wizard (PUT). */
export const okta: Profile = {
  name: 'okta',
  tellsRolesAndEntitlements: true,
  tolerates: {
    ...rfc.tolerates,
    unknownAttributes: {
      source: 'a custom app sends what it read merged with the whole profile of the app, mapped or not (C-O6)',
      resourceType: 'User',
      body: {
        schemas: [urns.user],
        userName: 'bjensen@okta.example',
        name: { givenName: 'Barbara', familyName: 'Jensen' },
        emails: [{ primary: true, value: 'bjensen@okta.example', type: 'work' }],
        externalId: '00ujl29u0le5T6Aj10h7',
        groups: [],
        password: '1mz050nq',
        active: true,
        'urn:okta:custom:1.0:user': { badge: '7' },
      },
    },
    pathlessOperations: {
      source: 'deactivation by apps of the integration network (C-O7)',
      patch: [{ op: 'replace', value: { active: false } }],
    },
  },
};
