import { urns } from '../messages/urns.js';
import type { Profile } from './profile.js';
import { rfc } from './rfc.js';

/** OneLogin: bodies come from a template that an administrator writes (C-N1). */
export const onelogin: Profile = {
  name: 'onelogin',
  tolerates: {
    ...rfc.tolerates,
    unknownAttributes: {
      source: 'templates carry schemas of SCIM 1.1',
      resourceType: 'User',
      body: { schemas: ['urn:scim:schemas:core:1.0'], userName: 'bjensen@onelogin.example' },
    },
    textBooleans: {
      source: 'macros of a template stand in quotation marks',
      resourceType: 'User',
      body: { schemas: [urns.user], userName: 'bjensen@onelogin.example', active: 'true' },
    },
  },
};
