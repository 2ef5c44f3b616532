/** Lets the writers of one process to the same stream go one after the other, where each would have to look at the stream first. */
export class StreamTurns {
  private readonly tails = new Map<string, Promise<void>>();

  /** Runs `work` when it is the turn of all these streams. Taken in one order, so that no two wait for each other. */
  async run<Result>(streams: readonly string[], work: () => Promise<Result>): Promise<Result> {
    const releases: (() => void)[] = [];
    try {
      for (const stream of [...streams].sort()) releases.push(await this.take(stream));
      return await work();
    } finally {
      for (const release of releases) release();
    }
  }

  private async take(stream: string): Promise<() => void> {
    const before = this.tails.get(stream);
    let done = () => {};
    const mine = new Promise<void>((resolve) => (done = resolve));
    const tail = (before ?? Promise.resolve()).then(() => mine);
    this.tails.set(stream, tail);
    await before;
    return () => {
      done();
      if (this.tails.get(stream) === tail) this.tails.delete(stream);
    };
  }
}
