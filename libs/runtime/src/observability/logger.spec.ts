import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { createLogger, NestLogger } from './logger.js';

/** Logs into memory; returns what was written, line by line. */
const capture = (level = 'debug') => {
  const out = new PassThrough();
  const logger = createLogger(level, 'scim-api', out);
  return {
    logger,
    lines: () =>
      String(out.read() ?? '')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as object),
  };
};

const person = {
  userName: 'bjensen',
  name: { familyName: 'Jensen' },
  displayName: 'Babs',
  emails: [{ value: 'b@jensen.example' }],
  phoneNumbers: [{ value: '555' }],
  externalId: '701984',
  password: 'hunter2',
};
const credentials = {
  authorization: 'Bearer hunter2',
  cookie: 'hunter2',
  token: 'hunter2',
  access_token: 'hunter2',
  refresh_token: 'hunter2',
  client_secret: 'hunter2',
  clientSecret: 'hunter2',
  client_assertion: 'hunter2',
};
const PERSONAL = /jensen|babs|hunter2|701984|555/i;

describe('a line of the log', () => {
  it('is JSON that names level, service and time', () => {
    const { logger, lines } = capture();
    logger.info({ requestId: 'r1', route: '/Users/:id' }, 'request');
    expect(lines()).toEqual([
      {
        level: 'info',
        service: 'scim-api',
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        requestId: 'r1',
        route: '/Users/:id',
        msg: 'request',
      },
    ]);
  });

  it('is left out below the level', () => {
    const { logger, lines } = capture('warn');
    logger.info('request');
    expect(lines()).toEqual([]);
  });
});

describe('what must not be read in a log', () => {
  it.each([
    ['at the top', { ...person, ...credentials }],
    ['one level down', { body: person, form: credentials }],
    ['deep down', { a: [{ request: { body: person, headers: credentials } }] }],
  ])('is not, %s', (_, logged) => {
    const { logger, lines } = capture();
    logger.info(logged, 'request');
    const [line] = lines();
    expect(JSON.stringify(line)).not.toMatch(PERSONAL);
    expect(JSON.stringify(line)).toContain('[redacted]');
  });

  it('is not, in an object that holds itself, which ends no process', () => {
    const { logger, lines } = capture();
    const loop: Record<string, unknown> = { ...person };
    loop['loop'] = loop;
    logger.info(loop, 'request');
    expect(JSON.stringify(lines())).not.toMatch(PERSONAL);
  });

  it('is not, hung onto an error by a driver', () => {
    const { logger, lines } = capture();
    const cause = Object.assign(new Error('duplicate key value violates unique constraint "users_pkey"'), {
      code: '23505',
      detail: 'Key (user_name)=(bjensen) already exists.',
    });
    const error = Object.assign(new TypeError('query failed', { cause }), {
      query: "SELECT 'bjensen'",
      parameters: ['bjensen', 'hunter2'],
    });
    logger.error({ err: error }, 'request failed');
    logger.error(error);
    logger.error({ reason: error, at: new Date(0) }, 'request failed');
    const [line, bare, other] = lines();
    expect(JSON.stringify([line, bare, other])).not.toMatch(PERSONAL);
    expect(bare).toMatchObject({ err: { type: 'TypeError' } });
    expect(other).toMatchObject({ reason: { type: 'TypeError' }, at: '1970-01-01T00:00:00.000Z' });
    expect(line).toMatchObject({
      err: {
        type: 'TypeError',
        message: 'query failed',
        stack: expect.stringContaining('logger.spec'),
        cause: { type: 'Error', code: '23505', message: expect.stringContaining('users_pkey') },
      },
    });
  });

  it('is not, thrown as something that is no error', () => {
    const { logger, lines } = capture();
    logger.error({ err: 'bjensen' }, 'request failed');
    expect(lines()).toMatchObject([{ err: { type: 'string' } }]);
  });
});

describe('Nest', () => {
  it('speaks through the same log, its chatter at debug', () => {
    const { logger, lines } = capture();
    const nest = new NestLogger(logger);
    nest.log('Starting', 'NestFactory');
    nest.warn('Careful', 'Router');
    nest.error(new Error('Broken'), 'stack', 'Module');
    expect(lines()).toMatchObject([
      { level: 'debug', context: 'NestFactory', msg: 'Starting' },
      { level: 'warn', context: 'Router', msg: 'Careful' },
      { level: 'error', context: ['stack', 'Module'], msg: 'Broken' },
    ]);
  });
});
