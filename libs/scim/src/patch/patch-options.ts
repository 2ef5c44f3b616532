import type { ValidationOptions } from '../validation/attribute-value.js';

/** How strictly PATCH is read; without any, all that clients are known to send is understood (profiles choose, see `profiles/`). */
export interface PatchOptions extends ValidationOptions {
  /** Every operation must name a path. */
  readonly pathRequired?: boolean;
  /** `emails[type eq "work"]` is no path for add and replace: it must go on with a sub-attribute. */
  readonly partRequired?: boolean;
  /** A value path that matches nothing is refused (RFC 7644 §3.5.2.3), where otherwise the element it describes is made. */
  readonly elementRequired?: boolean;
  /** `replace` of a complex attribute leaves nothing of it that is not sent. */
  readonly replacesWhole?: boolean;
  /** What an unknown attribute is refused with; `invalidPath` unless told. */
  readonly unknownPathIs?: 'invalidPath' | 'invalidSyntax';
}
