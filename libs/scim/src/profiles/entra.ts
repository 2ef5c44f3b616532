import { urns } from '../messages/urns.js';
import type { Profile } from './profile.js';
import { rfc } from './rfc.js';

/** Microsoft Entra ID, with and without the flag aadOptscim062020. */
export const entra: Profile = {
  name: 'entra',
  tolerates: {
    ...rfc.tolerates,
    unknownAttributes: {
      source:
        'Microsoft, "Develop a SCIM endpoint": a group is created with a schema of Active Directory beside it (C-E11)',
      resourceType: 'Group',
      body: {
        schemas: [urns.group, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
        externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159',
        displayName: 'Tour Guides',
        meta: { resourceType: 'Group' },
      },
    },
    pathlessOperations: {
      source: 'with the flag: one operation whose keys are paths (C-E5)',
      patch: [
        {
          op: 'replace',
          value: { 'name.givenName': 'Babs', [`${urns.enterpriseUser}:department`]: 'Tours', active: false },
        },
      ],
    },
    missingElements: {
      source: 'values that it believes to be set are replaced before they are there (C-E9)',
      patch: [{ op: 'Replace', path: 'phoneNumbers[type eq "work"].value', value: '+1-555-0100' }],
    },
    textBooleans: {
      source: 'without the flag (C-E5)',
      patch: [{ op: 'Replace', path: 'active', value: 'False' }],
    },
  },
};
