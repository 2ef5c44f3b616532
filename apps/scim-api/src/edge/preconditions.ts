/** The resource has changed since the client read it (412). */
export class PreconditionFailed extends Error {
  constructor() {
    super('The resource has changed since this version: read it again and repeat the change on what it is now.');
    this.name = 'PreconditionFailed';
  }
}

/** The version of a resource: the revision of its stream, as a weak tag (RFC 7644 §3.14). */
export const entityTag = (revision: number): string => `W/"${revision}"`;

/**
 * The check that an If-Match header asks for, undefined without one. Tags compare weakly, since that is what SCIM clients expect; `*`
 * holds for whatever is there (R117). A missing resource is left to the command, which answers 404.
 */
export const ifMatch = (header: string | undefined): ((revision: number) => void) | undefined => {
  if (header === undefined || header.trim() === '*') return undefined;
  const tags = opaqueTags(header);
  return (revision) => {
    if (revision >= 0 && !tags.has(`${revision}`)) throw new PreconditionFailed();
  };
};

/** What must hold whenever the command is decided, undefined when there is nothing: If-Match, and the guard of a request carried out later. */
export const preconditionOf = (options: {
  readonly ifMatch?: string | undefined;
  readonly guard?: (() => void) | undefined;
}): ((revision: number) => void) | undefined => {
  const matches = ifMatch(options.ifMatch);
  const { guard } = options;
  if (guard === undefined) return matches;
  return (revision) => {
    guard();
    matches?.(revision);
  };
};

/** Whether If-None-Match names the version at hand, so that a GET is answered 304. */
export const matchesNone = (header: string | undefined, revision: number): boolean =>
  header !== undefined && (header.trim() === '*' || opaqueTags(header).has(`${revision}`));

/** What stands between the quotes of each tag; Okta and Entra drop the quotes at times. */
const opaqueTags = (header: string): ReadonlySet<string> =>
  new Set(
    header.split(',').map((tag) =>
      tag
        .trim()
        .replace(/^W\//, '')
        .replace(/^"(.*)"$/, '$1'),
    ),
  );
