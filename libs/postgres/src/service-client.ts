import pg, { type ClientConfig } from 'pg';

/**
 * A connection whose loss between two statements does not end the process: pg emits an error then, and an error that nobody listens to is thrown.
 * Whoever uses the connection next hears of it, and the pool puts another in its place.
 */
export class ServiceClient extends pg.Client {
  constructor(config?: string | ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}
