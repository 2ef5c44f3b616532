import { Inject, Injectable } from '@nestjs/common';
import { IdempotencyKeys, type RepeatableRequest } from '#access';
import { ClaimTaken, DomainError } from '#event-sourcing';
import { invalidValue, ScimError } from '#scim';
import { newResourceId } from '../edge/new-id.js';
import type { RequestContext } from '../edge/request-context.js';
import type { ScimAnswer } from '../edge/scim-reply.js';
import type { RequestOptions, ResourceOperations } from './resource-operations.js';

/** A POST whose client may send it again, because it sends a key along. */
export interface Creation {
  readonly context: RequestContext;
  readonly endpoint: string;
  readonly body: unknown;
  readonly options: RequestOptions;
}

const LONGEST_KEY = 255;

/** POST with Idempotency-Key: sent twice, it creates once, and is answered with the resource as it stands (DESIGN §9). */
@Injectable()
export class RepeatableCreation {
  constructor(@Inject(IdempotencyKeys) private readonly keys: IdempotencyKeys) {}

  /** As `operations.create`. Throws 422 for a key that was sent with another body, 404 when the resource was deleted since. */
  async create(operations: ResourceOperations, creation: Creation, key: string): Promise<ScimAnswer> {
    if (key === '' || key.length > LONGEST_KEY)
      throw invalidValue(`The header Idempotency-Key must have 1 to ${LONGEST_KEY} characters.`);
    const { context, endpoint, body } = creation;
    const request = { tenantId: context.tenantId, actor: context.metadata.actor, endpoint, key, body };
    const newId = newResourceId();
    const reservation = await this.keys.reserve(request, newId);
    if (!reservation.sameBody)
      throw new ScimError(422, undefined, 'This Idempotency-Key was sent with another body: choose a new one.');
    const { resourceId } = reservation;
    if (resourceId !== newId) return again(operations, creation, resourceId);
    try {
      return await createOrLook(operations, creation, newId);
    } catch (error) {
      await this.giveBack(request, newId, error);
      throw error;
    }
  }

  /** After an error of which it is sure that nothing was written, the client may correct the body and keep the key. */
  private async giveBack(request: RepeatableRequest, newId: string, error: unknown): Promise<void> {
    const isRefused = error instanceof ScimError || error instanceof DomainError || error instanceof ClaimTaken;
    if (isRefused) await this.keys.release(request, newId);
  }
}

/** The first request may have created the resource, be about to, or have ended in between. */
const again = async (operations: ResourceOperations, creation: Creation, id: string): Promise<ScimAnswer> => {
  try {
    return await look(operations, creation, id);
  } catch (error) {
    if (!isCode(error, 'resource-not-found')) throw error;
    return createOrLook(operations, creation, id);
  }
};

/** Who comes second finds the id taken: by the resource that it wanted. */
const createOrLook = async (operations: ResourceOperations, creation: Creation, id: string): Promise<ScimAnswer> => {
  const { context, body, options } = creation;
  try {
    return await operations.create(context, body, { ...options, newId: id });
  } catch (error) {
    if (!isCode(error, 'resource-already-exists')) throw error;
    return look(operations, creation, id);
  }
};

const look = async (
  operations: ResourceOperations,
  { context, options: { attributes, excludedAttributes } }: Creation,
  id: string,
): Promise<ScimAnswer> => ({
  ...(await operations.get(context, id, { attributes, excludedAttributes })),
  status: 201,
});

const isCode = (error: unknown, code: string): boolean => error instanceof DomainError && error.code === code;
