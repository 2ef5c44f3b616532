import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Module, Post, Put, Req } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest, InjectOptions } from 'fastify';
import { loadSettings } from '../config/settings.js';
import { Health } from '../observability/health.js';
import { createLogger } from '../observability/logger.js';
import { RuntimeModule } from '../runtime.module.js';
import { ErrorFormats } from './error-formats.js';
import { createHttpApplication } from './http-application.js';
import { MalformedJson } from './json-bodies.js';

@Controller()
class Probe {
  @Post('echo')
  echo(@Body() body: unknown): unknown {
    return { body: body === undefined ? 'none' : body };
  }
  @Put('t/:tenant/scim/v2/Groups/:id')
  group(@Body() body: unknown): unknown {
    return { size: JSON.stringify(body).length };
  }
  @Put('t/:tenant/scim/v2/Users/:id')
  user(): unknown {
    return {};
  }
  @Get('fail')
  fail(): never {
    throw new Error('the row of bjensen is broken');
  }
  @Get('address')
  address(@Req() request: FastifyRequest): unknown {
    return { ip: request.ip };
  }
}

const logged = new PassThrough();
const linesLogged = () => String(logged.read() ?? '');
let app: NestFastifyApplication;

const start = async (env: Readonly<Record<string, string>>) => {
  const settings = loadSettings(env, 'standalone');
  const logger = createLogger('info', 'probe', logged);
  @Module({ imports: [RuntimeModule.register(settings, logger)], controllers: [Probe] })
  class ProbeModule {}
  const started = await createHttpApplication(ProbeModule, settings, logger);
  started.get(ErrorFormats).register(/^\/t\//, (error) => ({
    status: 400,
    contentType: 'application/scim+json',
    headers: { 'retry-after': '1' },
    body: { scimType: error instanceof MalformedJson ? 'invalidSyntax' : 'other' },
  }));
  await started.init();
  await started.getHttpAdapter().getInstance().ready();
  return started;
};

const send = (options: InjectOptions) => app.inject(options);
const post = (url: string, payload: string | Buffer, type = 'application/json') =>
  send({ method: 'POST', url, payload, headers: { 'content-type': type } });
const put = (url: string, size: number) =>
  send({
    method: 'PUT',
    url,
    payload: JSON.stringify('x'.repeat(size - 2)),
    headers: { 'content-type': 'application/json' },
  });

beforeAll(async () => {
  app = await start({ BODY_LIMIT: '1 KiB', GROUP_BODY_LIMIT: '2 KiB' });
});
afterEach(() => void linesLogged());
afterAll(() => app.close());

describe('a body', () => {
  it.each(['application/json', 'application/scim+json', 'application/scim+json; charset=utf-8'])(
    'R3 of the type %s is read',
    async (type) => expect((await post('/echo', '{"a":[1]}', type)).json()).toEqual({ body: { a: [1] } }),
  );

  it('R4 comes through with letters of every script', async () => {
    const name = 'Zoë e\u0301 日本 👩‍👩‍👧 \u0000';
    expect((await post('/echo', JSON.stringify(name))).json()).toEqual({ body: name });
  });

  it('may be missing although its type is announced', async () =>
    expect((await post('/echo', '')).json()).toEqual({ body: 'none' }));

  it.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded'])(
    'R3 of the type %s is 415',
    async (type) => expect((await post('/echo', 'a=b', type)).statusCode).toBe(415),
  );

  it.each([
    ['trailing comma', '{"userName":"bjensen",}'],
    ['no quotes', '{"userName":bjensen}'],
    ['text', 'bjensen@example.com'],
    ['cut off', '{"userName":"bjensen'],
    ['empty word', 'bje'],
    ['control character', '{"userName":"bje\nnsen"}'],
    ['two documents', '{"userName":"bjensen"}{"userName":"bjensen"}'],
    ['quotes within', '{"userName":"b"jensen", "x":"]" is not valid JSON'],
    ['a message within', 'bjensen in JSON at position 1 (line 1 column 2)'],
    ['escape', '{"userName":"\\bjensen\\x"}'],
    ['byte order mark', '\ufeff"bjensen"'],
  ])('that is not JSON (%s) is 400 and not repeated', async (_, payload) => {
    const answer = await post('/echo', payload);
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain('not valid JSON');
    expect(answer.body).not.toMatch(/bje|nsen|'b'|userName/);
  });

  it('that is not JSON is said to be so where the reader must look', async () =>
    expect((await post('/echo', '{\n "a": 1,\n}')).body).toContain('line 3 column 1'));

  it.each([
    ['/t/acme/scim/v2/Users/1', 1024, true],
    ['/t/acme/scim/v2/Users/1', 1025, false],
    ['/t/acme/scim/v2/Groups/1', 2048, true],
    ['/t/acme/scim/v2/Groups/1', 2049, false],
  ])('sent to %s may have %d bytes: %s', async (url, size, accepted) => {
    const { statusCode } = await put(url, size);
    expect(statusCode < 300).toBe(accepted);
  });

  it('that is too large is 413 elsewhere', async () =>
    expect((await post('/echo', JSON.stringify('x'.repeat(1024)))).statusCode).toBe(413));

  it('that names the prototype changes no other object', async () => {
    await post('/echo', '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}');
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});

describe('an error that no controller sees is answered in the format of its API', () => {
  it.each([
    ['unknown route', { method: 'GET', url: '/t/acme/nowhere' }, 'other'],
    ['unknown method', { method: 'DELETE', url: '/t/acme/scim/v2/Users/1' }, 'other'],
    ['URL that cannot be decoded', { method: 'GET', url: '/t/acme/scim/v2/Users/%ZZ' }, 'other'],
    [
      'malformed body',
      { method: 'PUT', url: '/t/acme/scim/v2/Users/1', payload: '{', headers: { 'content-type': 'application/json' } },
      'invalidSyntax',
    ],
    [
      'media type',
      { method: 'PUT', url: '/t/acme/scim/v2/Users/1', payload: 'x', headers: { 'content-type': 'text/xml' } },
      'other',
    ],
  ] as const)('%s', async (_, request, scimType) => {
    const answer = await send({ ...request });
    expect(answer.headers['content-type']).toMatch(/^application\/scim\+json/);
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.headers['x-request-id']).toBeDefined();
    expect(answer.json()).toEqual({ scimType });
  });

  it('and is 404 in the plain one where no API is', async () => {
    const answer = await send({ method: 'GET', url: '/nowhere' });
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ error: { code: 'not-found' } });
  });
});

describe('a fault of ours', () => {
  it('is 500 without detail, and whole in the log under the request id', async () => {
    const answer = await send({ method: 'GET', url: '/fail', headers: { 'x-request-id': 'r-500' } });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('bjensen');
    const failure = linesLogged()
      .split('\n')
      .find((line) => line.includes('request failed'));
    expect(JSON.parse(failure ?? '{}')).toMatchObject({
      level: 'error',
      requestId: 'r-500',
      status: 500,
      err: { message: 'the row of bjensen is broken', stack: expect.stringContaining('Probe.fail') },
    });
  });
});

describe('the id of a request', () => {
  const idOf = async (sent?: string) =>
    (await send({ method: 'GET', url: '/fail', headers: sent === undefined ? {} : { 'x-request-id': sent } })).headers[
      'x-request-id'
    ];

  it('is taken from the client and given back', async () => expect(await idOf('abc-1.2:3_4')).toBe('abc-1.2:3_4'));

  it.each(['', 'with blank', 'new\u00a0line', '{"$ne":1}', 'x'.repeat(129)])(
    'is made anew instead of %j',
    async (sent) => expect(await idOf(sent)).toMatch(/^[\da-f]{8}-[\da-f-]{27}$/),
  );

  it('is never the same twice', async () => expect(await idOf()).not.toBe(await idOf()));
});

describe('what is seen from outside', () => {
  it('R18 one line a request with the route, never the URL', async () => {
    await send({ method: 'GET', url: '/nowhere/bjensen?filter=userName%20eq%20%22bjensen%22' });
    await send({ method: 'PUT', url: '/t/acme/scim/v2/Users/bjensen?bjensen' });
    const lines = linesLogged();
    expect(lines).not.toContain('bjensen');
    expect(
      lines
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { route: string }).route),
    ).toEqual(['unmatched', '/t/:tenant/scim/v2/Users/:id']);
  });

  it('probes and scrapes leave no line', async () => {
    for (const url of ['/health/live', '/health/ready', '/metrics']) await send({ method: 'GET', url });
    expect(linesLogged()).toBe('');
  });

  it('durations by route, method and status', async () => {
    await send({ method: 'PUT', url: '/t/acme/scim/v2/Users/bjensen' });
    const { body, headers } = await send({ method: 'GET', url: '/metrics' });
    expect(headers['content-type']).toContain('text/plain');
    expect(body).toMatch(
      /scim_http_request_duration_seconds_count\{route="\/t\/:tenant\/scim\/v2\/Users\/:id",method="PUT",status="200"\}/,
    );
    expect(body).toContain('process_cpu_seconds_total');
    expect(body).not.toContain('bjensen');
  });
});

describe('health', () => {
  it('is alive whatever the checks say, and ready when they all pass', async () => {
    const own = await start({});
    const health = own.get(Health);
    const statuses = async () =>
      Promise.all(
        ['/health/live', '/health/ready'].map(async (url) => (await own.inject({ method: 'GET', url })).statusCode),
      );
    expect(await statuses()).toEqual([200, 200]);
    health.register('log', () => Promise.reject(new Error('out of reach')));
    expect(await statuses()).toEqual([200, 503]);
    expect((await own.inject({ method: 'GET', url: '/health/ready' })).json()).toEqual({
      status: 'unavailable',
      checks: { log: 'out of reach' },
    });
    await own.close();
  });
});

describe('the address of a client', () => {
  const addressBehind = async (proxies: string) => {
    const own = await start({ TRUSTED_PROXIES: proxies });
    const answer = await own.inject({ method: 'GET', url: '/address', headers: { 'x-forwarded-for': '203.0.113.9' } });
    await own.close();
    return answer.json<{ ip: string }>().ip;
  };

  it('is not what the client says it is', async () => expect(await addressBehind('')).toBe('127.0.0.1'));
  it('is what a trusted proxy says it is', async () => expect(await addressBehind('127.0.0.0/8')).toBe('203.0.113.9'));
  it('is not what another proxy says it is', async () => expect(await addressBehind('10.0.0.0/8')).toBe('127.0.0.1'));
});
