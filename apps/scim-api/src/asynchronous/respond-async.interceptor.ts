import { Injectable, Inject, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { of, type Observable } from 'rxjs';
import { callerOf } from '#access';
import type { BulkMethod } from '#scim';
import { BULK, BulkJobs } from '../bulk/bulk-jobs.js';
import { preferencesOf } from '../edge/preferences.js';
import { requestContextOf } from '../edge/request-context.js';
import { requestOptionsOf } from '../edge/request-options.js';
import { resourceIdOf } from '../edge/resource-id.js';
import { scimErrorAnswer } from '../edge/scim-errors.js';
import { sendScim } from '../edge/scim-reply.js';
import { ScimUrls } from '../edge/scim-urls.js';
import { ResourceEndpoints } from '../resources/resource-endpoints.js';
import { newTxn, type AcceptedWork } from './accepted-work.js';
import type { Outcome } from './accepted-work-runner.js';
import { AsynchronousRequests, type Accepted } from './asynchronous-requests.js';

/** A connection is not held longer, whatever the client would wait. */
const LONGEST_WAIT_SECONDS = 30;

/** Answers a write request with `Prefer: respond-async` as soon as it is sure not to be lost (RFC 9967 §2.5.1.1, RFC 7240 §4.1). */
@Injectable()
export class RespondAsync implements NestInterceptor {
  constructor(
    private readonly requests: AsynchronousRequests,
    private readonly jobs: BulkJobs,
    private readonly endpoints: ResourceEndpoints,
    @Inject(ScimUrls) private readonly urls: ScimUrls,
  ) {}

  async intercept(host: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const { respondAsync, wait = 0 } = preferencesOf(request.headers['prefer']);
    const endpoint = ENDPOINT.exec(request.url)?.[1] ?? '';
    if (!respondAsync || !isWrite(request.method)) return next.handle();
    const { tenantId, tenant } = requestContextOf(host);
    // Who cannot keep to a preference answers as if there were none (RFC 7240 §2).
    if (endpoint !== BULK && !(await this.endpoints.of(tenant)).has(endpoint)) return next.handle();
    const work = this.workOf(host, request, { method: request.method, endpoint });
    const outcome = await inTime(await this.requests.accept(tenantId, work), Math.min(wait, LONGEST_WAIT_SECONDS));
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (outcome === undefined) await this.acknowledge(reply, tenantId, work.metadata.txn);
    else await answer(request, reply, outcome);
    return of(undefined);
  }

  private workOf(
    host: ExecutionContext,
    request: FastifyRequest,
    { method, endpoint }: Pick<AcceptedWork, 'method' | 'endpoint'>,
  ): AcceptedWork {
    if (endpoint === BULK) this.jobs.admit(callerOf(host), request.body);
    const key = request.headers['idempotency-key'];
    const { metadata } = requestContextOf(host);
    return {
      method,
      endpoint,
      id: method === 'POST' ? undefined : resourceIdOf(request),
      body: request.body,
      options: requestOptionsOf(request),
      idempotencyKey: typeof key === 'string' ? key : undefined,
      metadata: { ...metadata, txn: newTxn() }, // a request id may have been used before
    };
  }

  private async acknowledge(reply: FastifyReply, tenantId: string, txn: string): Promise<void> {
    await reply
      .status(202)
      .header('set-txn', txn)
      .header('preference-applied', 'respond-async')
      .header('location', this.urls.request(tenantId, txn))
      .send();
  }
}

const ENDPOINT = /^\/t\/[^/]+\/scim\/v2\/([^/?]+)/;

const isWrite = (method: string): method is BulkMethod => ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method);

/** What came of a request within the time that its client would wait. */
const inTime = async ({ outcome }: Accepted, seconds: number): Promise<Outcome | undefined> => {
  if (seconds === 0 || outcome === undefined) return undefined;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), seconds * 1000);
  });
  try {
    return await Promise.race([outcome, tooLate]);
  } finally {
    clearTimeout(timer);
  }
};

/** As the request would have been answered without the preference. */
const answer = async (request: FastifyRequest, reply: FastifyReply, { answer: ended }: Outcome): Promise<void> => {
  if ('answered' in ended) return sendScim(request, reply, ended.answered);
  // Not thrown: it was noted, and logged where it was our fault, when the request was carried out.
  const { status, headers, body } = scimErrorAnswer(ended.refused);
  return sendScim(request, reply.headers({ ...headers }), { status, body: { ...(body as object) } });
};
