/** Wakes one waiter. A ring while nobody waits is kept for the next. */
export class Bell {
  private rung = false;
  private wake: (() => void) | undefined;

  ring(): void {
    this.rung = true;
    this.wake?.();
  }

  /** Resolves at the next ring, after `milliseconds`, or when `signal` is aborted; takes the ring with it. */
  async wait(signal: AbortSignal, milliseconds?: number): Promise<void> {
    if (!this.rung && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = milliseconds === undefined ? undefined : setTimeout(resolve, milliseconds);
      const onAbort = (): void => resolve();
      this.wake = resolve;
      signal.addEventListener('abort', onAbort);
      await promise;
      signal.removeEventListener('abort', onAbort);
      clearTimeout(timer);
      this.wake = undefined;
    }
    this.rung = false;
  }
}
