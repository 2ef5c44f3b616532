import type { DestroyedKeys, KeyStore } from './key-store.js';

const idOf = ({ tenantId, subjectId = '' }: DestroyedKeys): string => `${tenantId}/${subjectId}`;

/** Tells this process of keys that any process has destroyed, so that nothing of an erased subject stays in its memory. */
export class DestroyedKeysWatch {
  private told: ReadonlySet<string> = new Set();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: Pick<KeyStore, 'recentlyDestroyed'>,
    private readonly onDestroyed: (keys: DestroyedKeys) => void,
  ) {}

  start(everyMs: number): void {
    this.timer = setInterval(() => {
      // While the store is out of reach nothing is read with what is at hand, and unwrapped keys grow old by themselves.
      this.looking = this.look().catch(() => undefined);
    }, everyMs).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  /** Asks once; each destruction is told once. */
  async look(): Promise<void> {
    const recent = await this.store.recentlyDestroyed();
    for (const keys of recent) if (!this.told.has(idOf(keys))) this.onDestroyed(keys);
    this.told = new Set(recent.map(idOf));
  }
}
