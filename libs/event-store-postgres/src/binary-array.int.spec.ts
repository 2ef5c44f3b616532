import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { booleanArray, bytesArray, intArray, jsonArray, textArray, timeArray } from './binary-array.js';

let client: pg.Client;
beforeAll(async () => {
  client = new pg.Client({ connectionString: process.env['TEST_DATABASE_URL'] ?? '' });
  await client.connect();
});
afterAll(() => client.end());

const text = ['', 'plain', 'a "quoted" \\ {brace}, NULL', 'ünïcödé 🦀 漢字'];
const times = ['1970-01-01T00:00:00.000Z', '1999-12-31T23:59:59.999Z', '2026-11-21T12:34:56.789Z'].map(
  (time) => new Date(time),
);

it.each([
  ['text[]', textArray(text), text],
  ['json[]', jsonArray(text.map((value) => JSON.stringify({ value }))), text.map((value) => ({ value }))],
  ['int[]', intArray([-2_147_483_648, -1, 0, 7, 2_147_483_647]), [-2_147_483_648, -1, 0, 7, 2_147_483_647]],
  ['boolean[]', booleanArray([true, false]), [true, false]],
  ['bytea[]', bytesArray([Uint8Array.of(), Uint8Array.of(0, 127, 255)]), [Buffer.of(), Buffer.of(0, 127, 255)]],
  ['timestamptz[]', timeArray(times), times],
  ['text[]', textArray([]), []],
])('%s comes to the server as it is here', async (type, array, values) => {
  const { rows } = await client.query<{ array: unknown }>(`SELECT $1::${type} AS array`, [array]);
  expect(rows[0]?.array).toEqual(values);
});

it('JSON that is none is refused', async () => {
  await expect(client.query('SELECT $1::json[]', [jsonArray(['{'])])).rejects.toThrow(/invalid input syntax/);
});
