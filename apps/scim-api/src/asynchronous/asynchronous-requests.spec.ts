import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import type { AcceptedRequests, TakenRequest } from '#access';
import { bulkResponse } from '#scim';
import { NotNow, type AcceptedWorkRunner, type Outcome } from './accepted-work-runner.js';
import type { AcceptedWork } from './accepted-work.js';
import { AsynchronousRequests } from './asynchronous-requests.js';

const work = (txn: string): AcceptedWork => ({
  method: 'DELETE',
  endpoint: 'Users',
  id: 'u1',
  options: {},
  metadata: { actor: { kind: 'token', id: 't' }, requestId: 'r', correlationId: 'r', txn },
});
const outcome: Outcome = {
  answer: { answered: { status: 204 } },
  result: bulkResponse([{ method: 'DELETE', status: 204 }]),
};
const waiting = (txn: string, content: TakenRequest['content'] = { ...work(txn) }): TakenRequest => ({
  ...{ tenantId: 'acme', txn, content, acceptedAt: new Date(), leaseNumber: 1, attempts: 1 },
});

let queue: TakenRequest[];
let isFree: boolean;
let happened: string[];
let failure: Error | undefined;
let requests: AsynchronousRequests;

beforeEach(() => {
  [queue, isFree, happened, failure] = [[], true, [], undefined];
  const store = {
    accept: async ({ takes }: { takes: boolean }) => takes && isFree,
    take: async () => queue.shift(),
    renew: async () => true,
    complete: async ({ txn }: TakenRequest) => happened.push(`completed ${txn}`),
    postpone: async ({ txn }: TakenRequest) => happened.push(`postponed ${txn}`),
  };
  const runner = {
    run: async ({ txn }: TakenRequest) => {
      happened.push(`ran ${txn}`);
      if (failure !== undefined) throw failure;
      return outcome;
    },
  };
  requests = new AsynchronousRequests(
    store as unknown as AcceptedRequests,
    runner as unknown as AcceptedWorkRunner,
    { warn: () => undefined, error: () => undefined } as unknown as Logger,
    new Registry(),
  );
});

describe('a request that is accepted', () => {
  it('is carried out at once, and then what has waited behind it', async () => {
    queue = [waiting('b'), waiting('c')];
    expect(await (await requests.accept('acme', work('a'))).outcome).toBe(outcome);
    await requests.beforeApplicationShutdown();
    expect(happened.slice(0, 2)).toEqual(['ran a', 'completed a']);
  });

  it('is left to its turn when others are before it', async () => {
    isFree = false;
    expect(await requests.accept('acme', work('a'))).toEqual({ outcome: undefined });
    expect(happened).toEqual([]);
  });

  it('is postponed when it cannot be done now, and left to its lease when it failed otherwise', async () => {
    failure = new NotNow(new Error('down'));
    expect(await (await requests.accept('acme', work('a'))).outcome).toBeUndefined();
    failure = new Error('lost');
    expect(await (await requests.accept('acme', work('b'))).outcome).toBeUndefined();
    expect(happened).toEqual(['ran a', 'postponed a', 'ran b']);
  });

  it('is done with, unread, when its key was destroyed', async () => {
    queue = [{ ...waiting('gone'), content: undefined }];
    await (
      await requests.accept('acme', work('a'))
    ).outcome;
    await new Promise((go) => setImmediate(go));
    expect(happened).toEqual(['ran a', 'completed a', 'completed gone']);
  });

  it('is for others when the process is about to end', async () => {
    await requests.beforeApplicationShutdown();
    expect(await requests.accept('acme', work('a'))).toEqual({ outcome: undefined });
  });
});
