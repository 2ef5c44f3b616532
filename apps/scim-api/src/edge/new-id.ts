import { v7 } from 'uuid';

/** A resource id: UUIDv7, so that ids sort by time and are never reused. */
export const newResourceId = (): string => v7();
