/** A rule was broken. `code` is stable, kebab-case; only the edge knows which status answers it. `message` is for the client's eyes. */
export class DomainError<Code extends string = string> extends Error {
  constructor(
    readonly code: Code,
    message: string,
  ) {
    super(message);
    this.name = 'DomainError';
  }
}
