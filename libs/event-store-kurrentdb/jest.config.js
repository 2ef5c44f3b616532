import everything from '../../jest.config.js';

const integration = everything.projects.find(({ displayName }) => displayName === 'integration');

/** `npm run test:kurrentdb`: the contract against the KurrentDB server at KURRENTDB_URL; no project of the test command takes it. */
export default {
  ...integration,
  displayName: 'kurrentdb',
  testMatch: ['<rootDir>/libs/event-store-kurrentdb/src/kurrentdb-server.e2e.spec.ts'],
};
