import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { operatorOf } from '#access';
import type { EventMetadata } from '#event-sourcing';

/** What every event of an operator's request carries. */
export const OperatorMetadata = createParamDecorator((_: unknown, context: ExecutionContext): EventMetadata => {
  const { id } = context.switchToHttp().getRequest<FastifyRequest>();
  return { actor: operatorOf(context), requestId: id, correlationId: id, txn: id };
});
