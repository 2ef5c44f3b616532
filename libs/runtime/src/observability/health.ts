/** Resolves when the thing works; rejects with a reason for the operator. */
export type HealthCheck = () => Promise<void> | void;

export interface HealthReport {
  readonly status: 'ok' | 'unavailable';
  readonly checks: Readonly<Record<string, string>>;
}

/**
 * Readiness: can requests be served? Liveness is only that the process answers: a broker or database that is down must not restart the
 * whole fleet.
 */
export class Health {
  private readonly checks = new Map<string, HealthCheck>();
  private draining = false;

  /** `name` appears in the answer of /health/ready. */
  register(name: string, check: HealthCheck): void {
    this.checks.set(name, check);
  }

  /** From now on not ready, so that no new request is sent here. */
  drain(): void {
    this.draining = true;
  }

  async ready(): Promise<HealthReport> {
    const results = await Promise.all(
      [...this.checks].map(async ([name, check]) => [name, await outcome(check)] as const),
    );
    const checks = Object.fromEntries(this.draining ? [...results, ['process', 'shutting down'] as const] : results);
    return { status: Object.values(checks).every((text) => text === 'ok') ? 'ok' : 'unavailable', checks };
  }
}

const outcome = async (check: HealthCheck): Promise<string> => {
  try {
    await check();
    return 'ok';
  } catch (error) {
    return error instanceof Error ? error.message : 'failed';
  }
};
