import { createHash } from 'node:crypto';
import { v7 } from 'uuid';
import type { EventMetadata } from '#event-sourcing';
import type { BulkMethod } from '#scim';
import type { RequestOptions } from '../resources/resource-operations.js';

/** A write request as it was accepted: all that any replica needs to carry it out later. It is kept as JSON. */
export interface AcceptedWork {
  readonly method: BulkMethod;
  /** `Users`, or `Bulk`. */
  readonly endpoint: string;
  readonly id?: string | undefined;
  readonly body?: unknown;
  readonly options: Pick<RequestOptions, 'attributes' | 'excludedAttributes' | 'ifMatch'>;
  readonly idempotencyKey?: string | undefined;
  readonly metadata: EventMetadata;
}

/** A name for a request that no request had before; it begins with the time. */
export const newTxn = (): string => v7();

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
export const isTxn = (text: string): boolean => UUID.test(text);

/** The id of what an operation creates: it follows from its txn, so that who does the same operation again makes the same resource. */
export const createdBy = (txn: string): string => {
  const [request = ''] = txn.split(':', 1);
  const msecs = Number.parseInt(request.replace('-', '').slice(0, 12), 16);
  return v7({ msecs, random: createHash('sha256').update(txn).digest() });
};
