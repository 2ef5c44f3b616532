/** When a signing key is first used. It is published from the moment it is made. */
export interface KeyTimes {
  readonly kid: string;
  readonly useFrom: Date;
}

export interface RotationOptions {
  /** How long a key signs. */
  readonly useForMs: number;
  /** How long before its first use a key is published, so that every cache of the JWKS knows it by then. */
  readonly publishAheadMs: number;
  /** How long a key stays published after its last use: the life of an access token, and skew. */
  readonly keepForMs: number;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export const defaultRotation: RotationOptions = { useForMs: 90 * DAY, publishAheadMs: DAY, keepForMs: 2 * HOUR };

export interface KeyPlan {
  /** The key that signs now; undefined when there is none yet. */
  readonly signing: string | undefined;
  /** Keys no token alive can be signed by. */
  readonly outlived: readonly string[];
  /** From when the key that must be made now is to be used; undefined when none is due. */
  readonly make: Date | undefined;
}

/** What is to be done about signing keys at this moment. Pure, so that rotation is tested without waiting for it. */
export const planKeys = (keys: readonly KeyTimes[], now: Date, rotation: RotationOptions): KeyPlan => {
  const at = now.getTime();
  const ordered = [...keys].sort((a, b) => a.useFrom.getTime() - b.useFrom.getTime());
  const signing = ordered.findLast(({ useFrom }) => useFrom.getTime() <= at);
  const outlived = ordered.filter((_, index) => {
    const successor = ordered[index + 1];
    return successor !== undefined && successor.useFrom.getTime() + rotation.keepForMs <= at;
  });
  return {
    signing: signing?.kid,
    outlived: outlived.map(({ kid }) => kid),
    make: due(ordered.at(-1), signing, { at, rotation }),
  };
};

const due = (
  newest: KeyTimes | undefined,
  signing: KeyTimes | undefined,
  { at, rotation }: { readonly at: number; readonly rotation: RotationOptions },
): Date | undefined => {
  if (newest === undefined || signing === undefined) return new Date(at);
  if (newest !== signing) return undefined; // the next one is waiting
  const end = signing.useFrom.getTime() + rotation.useForMs;
  return end - rotation.publishAheadMs <= at ? new Date(Math.max(end, at + rotation.publishAheadMs)) : undefined;
};
