import { describe, expect, it } from '@jest/globals';
import { ConflictException, NotFoundException } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ErrorFormats, frameworkStatus, type ErrorFormat } from './error-formats.js';
import { MalformedJson } from './json-bodies.js';

const scim: ErrorFormat = () => ({ status: 418, contentType: 'application/scim+json', body: 'scim' });
const oauth: ErrorFormat = () => ({ status: 418, contentType: 'application/json', body: 'oauth' });

describe('the format of an error', () => {
  const formats = new ErrorFormats();
  formats.register(/^\/t\/[^/]+\/scim\/v2(\/|$)/, scim);
  formats.register(/^\/oauth2\//, oauth);

  it.each([
    ['/t/acme/scim/v2/Users/1', 'scim'],
    ['/t/acme/scim/v2', 'scim'],
    ['/oauth2/token', 'oauth'],
  ])('of %s is that of its API', (path, body) => expect(formats.answer(path, new Error()).body).toBe(body));

  it.each(['/t/acme/scim/v2x', '/admin/v1/tenants', '/'])('of %s is the plain one', (path) =>
    expect(formats.answer(path, new NotFoundException('No such tenant.'))).toEqual({
      status: 404,
      contentType: 'application/json',
      body: { error: { code: 'not-found', message: 'No such tenant.' } },
    }),
  );

  it('of the first that was registered for the path counts', () => {
    const two = new ErrorFormats();
    two.register(/^\/a/, scim);
    two.register(/^\/a/, oauth);
    expect(two.answer('/a', new Error()).body).toBe('scim');
  });
});

it('who listens hears of errors on its paths, whatever their format', () => {
  const formats = new ErrorFormats();
  const heard: unknown[] = [];
  const request = { id: 'r' } as FastifyRequest;
  formats.listen(/^\/t\//, ({ id }, error, status) => heard.push([id, error, status]));
  formats.tell('/t/acme', request, 'scim', 404);
  formats.tell('/admin', request, 'admin', 500);
  expect(heard).toEqual([['r', 'scim', 404]]);
});

describe('the plain format', () => {
  const answer = (error: unknown) => new ErrorFormats().answer('/', error);

  it.each([
    ['an error of ours', new Error('relation "users" of bjensen')],
    ['a status of ours', Object.assign(new Error('pool of bjensen is gone'), { statusCode: 503 })],
    ['what is no error at all', 'bjensen'],
    ['nothing', undefined],
  ])('tells nothing of %s', (_, error) => {
    const { status, body } = answer(error);
    expect(status).toBeGreaterThanOrEqual(500);
    expect(JSON.stringify(body)).not.toContain('bjensen');
  });

  it('has a code for statuses it does not know', () =>
    expect(answer(Object.assign(new Error('Gone.'), { statusCode: 410 })).body).toEqual({
      error: { code: 'error', message: 'Gone.' },
    }));
});

it.each([
  ['Nest', new ConflictException(), 409],
  ['Fastify', Object.assign(new Error(), { statusCode: 415 }), 415],
  ['a malformed body', new MalformedJson('it is not UTF-8'), 400],
  ['any other error', new Error(), undefined],
  ['an odd status', { statusCode: '404' }, undefined],
  ['null', null, undefined],
])('the status of %s', (_, error, status) => expect(frameworkStatus(error)).toBe(status));
