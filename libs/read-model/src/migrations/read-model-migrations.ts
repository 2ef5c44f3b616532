import type { MigrationClass } from '#postgres';
import { AddCustomResources1795299021067 } from './add-custom-resources.js';
import { AddIndexedAttributes1795298800000 } from './add-indexed-attributes.js';
import { CreateReadModel1767225600300 } from './create-read-model.js';
import { IndexInactiveUsers1795297775760 } from './index-inactive-users.js';
import { MarkEndedFillings1795298660811 } from './mark-ended-fillings.js';

/** What makes the tables of the read model, in order. */
export const readModelMigrations: readonly MigrationClass[] = [
  CreateReadModel1767225600300,
  IndexInactiveUsers1795297775760,
  AddIndexedAttributes1795298800000,
  MarkEndedFillings1795298660811,
  AddCustomResources1795299021067,
];
