/** What time it is; tests bring their own. */
export class Clock {
  constructor(readonly now: () => Date) {}
}
