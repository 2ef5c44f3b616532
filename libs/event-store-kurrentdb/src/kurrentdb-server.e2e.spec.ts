import { jest } from '@jest/globals';
import { eventLogContract } from '#testing';
import { connectKurrentServer } from './index.js';
import { kurrentLogOn } from './kurrent-log.fixture.js';

jest.setTimeout(60_000);

// Belongs to no project of the test command: it needs a server, which `npm run test:kurrentdb` is given by KURRENTDB_URL.
eventLogContract('the event log in KurrentDB', async () => {
  const url = process.env['KURRENTDB_URL'];
  if (url === undefined)
    throw new Error('KURRENTDB_URL is not set: this suite needs a KurrentDB server, 25.1.1 or later.');
  return kurrentLogOn(connectKurrentServer(url));
});
