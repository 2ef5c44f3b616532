import type { ResolveOptions } from '../filter/filter-resolution.js';
import type { PatchOptions } from '../patch/patch-options.js';

/** The profiles there are; `default` serves every client without being told. */
export const profileNames = [
  'default',
  'rfc',
  'entra',
  'okta',
  'onelogin',
  'google',
  'jumpcloud',
  'ping',
  'interop-strict',
] as const;
export type ProfileName = (typeof profileNames)[number];

/** What a connection may send beyond the strictest reading. A switch is on exactly where the profile holds the request that needs it. */
export type Tolerance =
  /** Attributes and schemas that nobody here knows are ignored. */
  | 'unknownAttributes'
  /** In a filter they count as unassigned (RFC 7644 §3.4.2.1). */
  | 'unknownFilterAttributes'
  /** PATCH operations without a path. */
  | 'pathlessOperations'
  /** `emails[type eq "work"]` as the path of add and replace. */
  | 'wholeElements'
  /** A value path that matches nothing makes the element it describes. */
  | 'missingElements'
  /** `replace` of a complex attribute leaves the sub-attributes that are not sent (RFC 7644 §3.5.2.3). */
  | 'partialReplace'
  /** `"True"` and `"false"`. */
  | 'textBooleans';

/** A request that a profile must understand. */
export type Proof =
  | { readonly source: string; readonly filter: string }
  | { readonly source: string; readonly resourceType: 'User' | 'Group'; readonly body: object }
  | { readonly source: string; readonly patch: readonly object[] };

export interface Profile {
  readonly name: ProfileName;
  readonly tolerates: Readonly<Partial<Record<Tolerance, Proof>>>;
  /** What the interoperability profile calls an unknown attribute in a path. */
  readonly unknownPathIs?: 'invalidSyntax';
  /** ServiceProviderConfig tells of roles and entitlements, which no published RFC knows (X12). */
  readonly tellsRolesAndEntitlements?: true;
}

/** How requests of a connection are read. */
export interface Strictness extends PatchOptions, ResolveOptions {}

/** The options that a profile comes to. */
export const strictnessOf = ({ tolerates, unknownPathIs }: Profile): Strictness => ({
  strict: tolerates.unknownAttributes === undefined,
  exactBooleans: tolerates.textBooleans === undefined,
  pathRequired: tolerates.pathlessOperations === undefined,
  partRequired: tolerates.wholeElements === undefined,
  elementRequired: tolerates.missingElements === undefined,
  replacesWhole: tolerates.partialReplace === undefined,
  unknownAttributes: tolerates.unknownFilterAttributes === undefined ? 'refuse' : 'no-value',
  ...(unknownPathIs === undefined ? {} : { unknownPathIs }),
});
