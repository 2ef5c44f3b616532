import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { Counter, Registry } from 'prom-client';
import { callerIfAny, defaultRecorderOptions, RefusalRecorder, RefusedRequests } from '#access';
import type { Actor, EventMetadata } from '#event-sourcing';
import { LOGGER } from '#runtime';
import { ScimError } from '#scim';
import { refusalCode } from './refusal-code.js';

/** Which write was refused: a request, or an operation of a bulk request. */
export interface RefusedWrite {
  readonly tenantId: string;
  readonly metadata: Pick<EventMetadata, 'requestId'> & { readonly actor?: Actor };
  readonly method: string;
  /** As it stands in the path. */
  readonly endpoint: string;
  readonly id?: string | undefined;
}

/** Names that say nothing of a person. Whatever else stands in a path was written by the client. */
const RESOURCE_TYPES: ReadonlyMap<string, string> = new Map([
  ['Users', 'User'],
  ['Groups', 'Group'],
  ['Bulk', 'Bulk'],
]);
const WRITES: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const PATH = /^\/t\/(?<tenantId>[a-z\d-]{1,63})\/scim\/v2\/(?<endpoint>[^/?]+)(?:\/(?<id>[^/?]+))?/;

/** Writes that were refused, for whoever asks why (F27): noted beside the answer, and never holding what a request said. */
@Injectable()
export class RefusalLog implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly recorder: RefusalRecorder;

  constructor(
    @Inject(RefusedRequests) requests: RefusedRequests,
    @Inject(LOGGER) logger: Logger,
    @Inject(Registry) registry: Registry,
  ) {
    const dropped = new Counter({
      name: 'scim_refusals_dropped_total',
      help: 'Refused requests that the audit does not show: too many at once, or the database was out of reach',
      registers: [registry],
    });
    this.recorder = new RefusalRecorder(requests, {
      ...defaultRecorderOptions,
      onDropped: (count, reason) => {
        dropped.inc(count);
        if (reason instanceof Error) logger.warn({ err: reason }, 'refused requests were not written down');
      },
    });
  }

  onApplicationBootstrap(): void {
    this.recorder.start();
  }

  /** After the last request. */
  async onApplicationShutdown(): Promise<void> {
    await this.recorder.close();
  }

  /** Notes a request that was refused, if it was a write to a tenant. */
  noteRequest(request: FastifyRequest, error: unknown, status: number): void {
    const { tenantId = '', endpoint = '', id } = PATH.exec(request.url)?.groups ?? {};
    if (tenantId === '' || !WRITES.has(request.method) || [endpoint, id].includes('.search')) return;
    const caller = callerIfAny(request);
    const metadata = { requestId: request.id, ...(caller === undefined ? {} : { actor: caller.actor }) };
    this.note({ tenantId, metadata, method: request.method, endpoint, id }, error, status);
  }

  /** Notes a write that was refused within a request, or after its answer. */
  note({ tenantId, metadata, method, endpoint, id }: RefusedWrite, error: unknown, status: number): void {
    this.recorder.note(tenantId, {
      time: new Date(),
      requestId: metadata.requestId,
      actor: metadata.actor,
      method: WRITES.has(method) ? method : 'other',
      resourceType: RESOURCE_TYPES.get(endpoint),
      resourceId: id !== undefined && UUID.test(id) ? id : undefined,
      status,
      scimType: error instanceof ScimError ? error.scimType : undefined,
      code: refusalCode(error, status),
      times: 1,
    });
  }
}
