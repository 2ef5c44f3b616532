import { CustomResourceRow, ResourceTotalRow } from './custom-resource-row.js';
import { EmailRow } from './email-row.js';
import { GenerationRow } from './generation-row.js';
import { GroupRow } from './group-row.js';
import { MembershipRow } from './membership-row.js';
import { ProcessCheckpointRow } from './process-checkpoint-row.js';
import { SweepRow } from './sweep-row.js';
import { UserRow } from './user-row.js';
import { ValueRow } from './value-row.js';

/** Every table of the read model; a spec compares them with what the migrations make. */
export const readModelEntities = [
  UserRow,
  GroupRow,
  CustomResourceRow,
  ResourceTotalRow,
  EmailRow,
  MembershipRow,
  ValueRow,
  GenerationRow,
  SweepRow,
  ProcessCheckpointRow,
] as const;
