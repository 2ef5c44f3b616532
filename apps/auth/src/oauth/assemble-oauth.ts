import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { AdministratorPersons, FailureCounts, SigningKeys, type ControlQueries, type FailedCredentials } from '#access';
import type { KeyManagement } from '#encryption';
import type { TenantDatabase } from '#postgres';
import { AdministratorActs, type RunAct } from '../administrators/administrator-acts.js';
import { Consents } from '../administrators/consents.js';
import { SignIn } from '../administrators/sign-in.js';
import { ArtifactStore } from './artifact-store.js';
import { FederatedAssertions } from './assertions/federated-assertions.js';
import { IssuerDiscovery } from './assertions/issuer-discovery.js';
import { keyFetch } from './assertions/key-fetch.js';
import { RemoteKeySets } from './assertions/remote-key-sets.js';
import { AuthorizationServer } from './authorization-server.js';
import { ClientRegistry } from './client-registry.js';
import type { OAuthEndpoints } from './endpoints.js';
import { InteractionPages } from './pages/interaction-pages.js';
import { InvitationPage } from './pages/invitation-page.js';

export interface OAuthDependencies {
  readonly endpoints: OAuthEndpoints;
  readonly database: DataSource;
  readonly tenantDatabase: TenantDatabase;
  readonly queries: ControlQueries;
  readonly run: RunAct;
  readonly keyManagement: KeyManagement;
  readonly failures: FailedCredentials;
  readonly allowInternalKeyUrls: boolean;
  readonly logger: Logger;
  readonly now: () => Date;
  readonly clients?: ClientRegistry;
}

/** The authorization server with all it stands on, and what of that the admin API uses, too. */
export const assembleOAuth = (dependencies: OAuthDependencies) => {
  const { endpoints, database, tenantDatabase, queries, run, keyManagement, failures, logger, now } = dependencies;
  const { issuer } = endpoints;
  const fetchKeys = keyFetch({ allowInternal: dependencies.allowInternalKeyUrls });
  const artifacts = new ArtifactStore(database, now, endpoints.authorization);
  const persons = new AdministratorPersons(tenantDatabase);
  const guesses = new FailureCounts(tenantDatabase.pool, now);
  const acts = new AdministratorActs(run);
  const signIn = new SignIn(persons, queries, guesses);
  const server = new AuthorizationServer({
    endpoints,
    keys: new SigningKeys(database, keyManagement, now),
    clients: dependencies.clients ?? new ClientRegistry(database),
    artifacts,
    assertions: new FederatedAssertions(new RemoteKeySets(fetchKeys), now),
    keyFetch: fetchKeys,
    queries,
    interactions: new InteractionPages({ issuer, queries, signIn, acts }),
    invitations: new InvitationPage({ issuer, persons, queries, acts, now }),
    acts,
    guesses,
    failures,
    logger,
    now,
  });
  return {
    server,
    persons,
    consents: new Consents(artifacts, queries, run),
    discovery: new IssuerDiscovery(fetchKeys),
  };
};
