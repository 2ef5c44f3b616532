import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  /** How far it is of the total. */
  show(value: number): void;
  end(): void;
}

const LINE_EVERY_MS = 5_000;

/** A bar on a terminal, a line now and then elsewhere; on stderr, since stdout may be the data. */
export const showProgress = (
  what: string,
  total: number,
  stream: NodeJS.WritableStream & { readonly isTTY?: boolean } = process.stderr,
): Progress => (stream.isTTY === true ? bar(what, total, stream) : lines(what, total, stream));

const bar = (what: string, total: number, stream: NodeJS.WritableStream): Progress => {
  const format = `${what} {bar} {percentage}% | {value} of {total} | {eta_formatted} left`;
  const shown = new SingleBar({ format, stream }, Presets.shades_classic);
  shown.start(total, 0);
  return { show: (value) => shown.update(value), end: () => shown.stop() };
};

const lines = (what: string, total: number, stream: NodeJS.WritableStream): Progress => {
  let value = 0;
  let said = performance.now();
  const say = () => stream.write(`${what}: ${value} of ${total}\n`);
  return {
    show: (reached) => {
      value = reached;
      if (performance.now() - said < LINE_EVERY_MS) return;
      said = performance.now();
      say();
    },
    end: () => void say(),
  };
};
