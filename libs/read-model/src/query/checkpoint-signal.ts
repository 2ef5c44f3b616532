type Listener = (tenantId: string, sequence: number) => void;

/** A projector in the same process says at once how far a tenant's live read model has come. */
export class CheckpointSignal {
  private readonly listeners = new Set<Listener>();

  /** Called by the projector after each commit. */
  moved(tenantId: string, sequence: number): void {
    for (const listener of this.listeners) listener(tenantId, sequence);
  }

  onMoved(listener: Listener): void {
    this.listeners.add(listener);
  }
}
