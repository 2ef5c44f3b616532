import type { Profile } from './profile.js';

/** What RFC 7644 itself shows or says. Everything else is a fault of the client. */
export const rfc: Profile = {
  name: 'rfc',
  tolerates: {
    unknownFilterAttributes: {
      source: 'RFC 7644 §3.4.2.1: an attribute that is not defined has no value',
      filter: 'favouriteColour eq "red"',
    },
    pathlessOperations: {
      source: 'RFC 7644 §3.5.2.1, the second example',
      patch: [{ op: 'add', value: { emails: [{ value: 'babs@jensen.org', type: 'home' }], nickName: 'Babs' } }],
    },
    wholeElements: {
      source: 'RFC 7644 §3.5.2.3, the first example but one',
      patch: [
        {
          op: 'replace',
          path: 'emails[type eq "work"]',
          value: { type: 'work', value: 'bjensen@tours.example', primary: true },
        },
      ],
    },
    partialReplace: {
      source: 'RFC 7644 §3.5.2.3: sub-attributes that are not in the value stay',
      patch: [{ op: 'replace', path: 'name', value: { givenName: 'Babs' } }],
    },
  },
};
