import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { callerOf } from './tenant.guard.js';

/** The tenant of the verified credential, never of the URL. */
export const Tenant = createParamDecorator(
  (_: unknown, context: ExecutionContext) => callerOf(context).tenant.tenantId,
);

/** Who acts, as it is recorded with every event. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext) => callerOf(context).actor);

/** The whole caller: actor, tenant with its settings, scopes. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext) => callerOf(context));
