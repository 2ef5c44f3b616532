import { expect, it } from '@jest/globals';
import { Health } from './health.js';

const broken = async () => {
  throw new Error('the database does not answer');
};

it('is ready when nothing has to be checked', async () =>
  expect(await new Health().ready()).toEqual({ status: 'ok', checks: {} }));

it('is ready when every check passes', async () => {
  const health = new Health();
  health.register('database', async () => {});
  health.register('log', () => {});
  expect(await health.ready()).toEqual({ status: 'ok', checks: { database: 'ok', log: 'ok' } });
});

it('says of each check why it fails, and still asks the others', async () => {
  const health = new Health();
  health.register('database', broken);
  health.register('log', () => {});
  health.register('odd', () => {
    throw 'not an error' as unknown;
  });
  expect(await health.ready()).toEqual({
    status: 'unavailable',
    checks: { database: 'the database does not answer', log: 'ok', odd: 'failed' },
  });
});

it('recovers with what it checks', async () => {
  const health = new Health();
  let up = false;
  health.register('database', () => (up ? undefined : broken()));
  expect((await health.ready()).status).toBe('unavailable');
  up = true;
  expect((await health.ready()).status).toBe('ok');
});

it('is not ready once it drains, however well everything works', async () => {
  const health = new Health();
  health.register('database', () => {});
  health.drain();
  expect(await health.ready()).toEqual({
    status: 'unavailable',
    checks: { database: 'ok', process: 'shutting down' },
  });
});
