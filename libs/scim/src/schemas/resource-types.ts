import { urns } from '../messages/urns.js';
import type { ResourceTypeDefinition } from './definitions.js';

export const userResourceType: ResourceTypeDefinition = {
  id: 'User',
  name: 'User',
  description: 'User Account',
  endpoint: '/Users',
  schema: urns.user,
  schemaExtensions: [{ schema: urns.enterpriseUser, required: false }],
};

export const groupResourceType: ResourceTypeDefinition = {
  id: 'Group',
  name: 'Group',
  description: 'Group',
  endpoint: '/Groups',
  schema: urns.group,
  schemaExtensions: [],
};
