/** What the store must know of one event type. */
export interface EventTypeDefinition {
  /** The current shape's number; older ones are upcast on read. */
  readonly schemaVersion: number;
  /** Fields that hold personal data: sealed with the subject's key. The value here stands in their place once that key is destroyed. */
  readonly sealed: Readonly<Record<string, unknown>>;
  /**
   * `upcasters[n]` turns data of version n into n + 1: pure, on read, for ever. It also meets erased events: their personal fields hold
   * the stand-ins above, or are missing where they had another name.
   */
  readonly upcasters?: Readonly<Record<number, (data: Readonly<Record<string, unknown>>) => Record<string, unknown>>>;
}

/** Every event type by name. A type that is not in it cannot be appended. */
export type EventCatalogue = Readonly<Record<string, EventTypeDefinition>>;

/** Brings data of an older version to the current shape. Throws a RangeError when a step is missing. */
export const upcast = (
  type: string,
  definition: EventTypeDefinition,
  version: number,
  data: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => {
  let current = data;
  for (let v = version; v < definition.schemaVersion; v += 1) {
    const step = definition.upcasters?.[v];
    if (step === undefined) throw new RangeError(`${type} has no upcaster from schema version ${v}.`);
    current = step(current);
  }
  return current;
};
