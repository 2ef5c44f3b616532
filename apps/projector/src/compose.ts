import { randomUUID } from 'node:crypto';
import type { DynamicModule } from '@nestjs/common';
import type { CheckpointSignal } from '#read-model';
import type { ServiceContext } from '#runtime';
import { ProjectorModule } from './projector.module.js';

/** `signal`: tells queries in the same process how far the read models are. */
export const composeProjector = async (
  _context: ServiceContext,
  signal?: CheckpointSignal,
): Promise<readonly DynamicModule[]> => [
  ProjectorModule.register({ worker: `projector-${randomUUID()}`, ...(signal === undefined ? {} : { signal }) }),
];
