import { DomainError } from '#event-sourcing';

export type OperatorRefusalCode = 'resource-not-found' | 'resource-not-deleted' | 'resource-erased';

/** What operators ask of the directory and cannot have: a class of its own, since SCIM clients never meet it. */
export class OperatorRefusal extends DomainError<OperatorRefusalCode> {}
