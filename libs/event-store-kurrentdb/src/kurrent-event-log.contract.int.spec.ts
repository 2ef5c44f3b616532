import { eventLogContract, InMemoryKurrentServer } from '#testing';
import { kurrentLogOn } from './kurrent-log.fixture.js';

eventLogContract('the event log in KurrentDB 26.1, whose server is in memory', () =>
  kurrentLogOn(new InMemoryKurrentServer({ version: '26.1.0' })),
);

eventLogContract('the event log in KurrentDB 25.1, which cannot check streams it does not write, in memory', () =>
  kurrentLogOn(new InMemoryKurrentServer({ version: '25.1.1' })),
);
