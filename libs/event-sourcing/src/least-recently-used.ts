/** A bounded map that forgets what was not used for longest. */
export class LeastRecentlyUsed<Value> {
  private readonly entries = new Map<string, Value>();

  constructor(private readonly capacity: number) {}

  get(key: string): Value | undefined {
    const value = this.entries.get(key);
    if (value === undefined) return undefined;
    this.entries.delete(key);
    this.entries.set(key, value);
    return value;
  }

  set(key: string, value: Value): void {
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size <= this.capacity) return;
    const oldest = this.entries.keys().next();
    if (oldest.done !== true) this.entries.delete(oldest.value);
  }

  /** Forgets every entry whose key it holds for: work in the size of the map. */
  deleteWhere(holds: (key: string) => boolean): void {
    for (const key of this.entries.keys()) if (holds(key)) this.entries.delete(key);
  }

  /** Whether there was one. */
  delete(key: string): boolean {
    return this.entries.delete(key);
  }
}
