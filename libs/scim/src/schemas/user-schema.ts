import { urns } from '../messages/urns.js';
import { attribute, complex, plural, primary } from './attribute-definition.js';
import type { AttributeDefinition, SchemaDefinition } from './definitions.js';

const readOnly = { mutability: 'readOnly' } as const;

const name = complex('name', "The components of the user's name.", [
  attribute('formatted', 'The full name, including all middle names, titles, and suffixes, formatted for display.'),
  attribute('familyName', 'The family name, or last name in most Western languages.'),
  attribute('givenName', 'The given name, or first name in most Western languages.'),
  attribute('middleName', 'The middle name(s).'),
  attribute('honorificPrefix', "The honorific prefix(es), or title in most Western languages, e.g. 'Ms.'."),
  attribute('honorificSuffix', "The honorific suffix(es), or suffix in most Western languages, e.g. 'III'."),
]);

const addresses = complex(
  'addresses',
  'Physical mailing addresses of the user.',
  [
    attribute('formatted', 'The full mailing address, formatted for display or use with a mailing label.'),
    attribute('streetAddress', 'The full street address, which may include house number, street name, and P.O. box.'),
    attribute('locality', 'The city or locality.'),
    attribute('region', 'The state or region.'),
    attribute('postalCode', 'The zip code or postal code.'),
    attribute('country', 'The country as an ISO 3166-1 alpha-2 code.'),
    attribute('type', "A label that indicates the attribute's function.", {
      canonicalValues: ['work', 'home', 'other'],
    }),
    primary,
  ],
  { multiValued: true },
);

const groups = complex(
  'groups',
  'Groups to which the user belongs. Memberships are changed through the Group resource.',
  [
    attribute('value', "The identifier of the user's group.", { ...readOnly, caseExact: true }),
    attribute('$ref', 'The URI of the group resource.', { ...readOnly, type: 'reference', referenceTypes: ['Group'] }),
    attribute('display', 'A human-readable name of the group.', readOnly),
    attribute('type', 'Whether the membership is direct or through a nested group.', {
      ...readOnly,
      canonicalValues: ['direct', 'indirect'],
    }),
  ],
  { ...readOnly, multiValued: true },
);

/** `externalId` belongs to every resource; it is listed because mapping tools of identity providers look for it here. */
export const externalId = attribute('externalId', "The provisioning client's identifier of the resource.", {
  caseExact: true,
});

const attributes: readonly AttributeDefinition[] = [
  externalId,
  attribute('userName', 'The unique name by which the user signs in. Compared without case.', {
    required: true,
    uniqueness: 'server',
  }),
  name,
  attribute('displayName', 'The name of the user, suitable for display to end users.'),
  attribute('nickName', 'The casual way to address the user in real life.'),
  attribute('profileUrl', "A URL of the user's online profile.", { type: 'reference', referenceTypes: ['external'] }),
  attribute('title', "The user's title, such as 'Vice President'."),
  attribute('userType', "The relationship between the organization and the user, e.g. 'Contractor' or 'Employee'."),
  attribute('preferredLanguage', "The user's preferred written or spoken language, as in Accept-Language."),
  attribute('locale', "The user's default location for localizing currency, dates, and numbers, as a language tag."),
  attribute('timezone', "The user's time zone in IANA form, e.g. 'America/Los_Angeles'."),
  attribute('active', "The user's administrative status.", { type: 'boolean' }),
  attribute('password', 'Accepted and discarded: this service keeps no passwords.', {
    mutability: 'writeOnly',
    returned: 'never',
  }),
  plural('emails', 'E-mail addresses of the user.', attribute('value', 'An e-mail address.'), [
    'work',
    'home',
    'other',
  ]),
  plural('phoneNumbers', 'Phone numbers of the user.', attribute('value', 'A phone number.'), [
    ...['work', 'home', 'mobile', 'fax', 'pager', 'other'],
  ]),
  plural('ims', 'Instant messaging addresses of the user.', attribute('value', 'An instant messaging address.'), [
    ...['aim', 'gtalk', 'icq', 'xmpp', 'msn', 'skype', 'qq', 'yahoo'],
  ]),
  plural(
    'photos',
    'URLs of photos of the user.',
    attribute('value', 'The URL of a photo.', { type: 'reference', referenceTypes: ['external'] }),
    ['photo', 'thumbnail'],
  ),
  addresses,
  groups,
  plural('entitlements', 'Entitlements of the user.', attribute('value', 'The value of an entitlement.')),
  plural(
    'roles',
    "Roles that together represent who the user is, e.g. 'Student'.",
    attribute('value', 'The value of a role.'),
  ),
  plural(
    'x509Certificates',
    'Certificates issued to the user.',
    attribute('value', 'One DER-encoded X.509 certificate.', { type: 'binary' }),
  ),
];

/** RFC 7643 §4.1, §8.7.1. */
export const userSchemaDefinition: SchemaDefinition = {
  id: urns.user,
  name: 'User',
  description: 'User Account',
  attributes,
};
