/** What a client prefers of the way in which its request is answered (RFC 7240). */
export interface Preferences {
  /** Rather an acknowledgement now than the answer later (§4.1). */
  readonly respondAsync: boolean;
  /** For how long it would wait for the answer, in seconds (§4.3); undefined when it does not say. */
  readonly wait: number | undefined;
}

/** Reads the header `Prefer`. Of a preference that is given twice the first counts; what is malformed or unknown is ignored (RFC 7240 §2). */
export const preferencesOf = (header: string | readonly string[] | undefined): Preferences => {
  const given = new Map<string, string>();
  for (const preference of listed(header)) {
    const [, name = '', value = ''] = PREFERENCE.exec(preference) ?? [];
    const key = name.toLowerCase();
    if (key !== '' && !given.has(key)) given.set(key, value.replaceAll('"', ''));
  }
  const wait = given.get('wait');
  return {
    respondAsync: given.has('respond-async'),
    wait: wait !== undefined && SECONDS.test(wait) ? Number(wait) : undefined,
  };
};

const listed = (header: string | readonly string[] | undefined): readonly string[] =>
  [header ?? []].flat().join(',').match(BETWEEN_COMMAS) ?? [];

/** A comma in quotes separates nothing. */
const BETWEEN_COMMAS = /(?:"[^"]*"|[^",])+/g;
/** A name, perhaps a value, perhaps parameters, which mean nothing here. */
const PREFERENCE = /^\s*([!#$%&'*+.^_`|~\w-]+)\s*(?:=\s*("[^"]*"|[^\s;"]*))?\s*(?:;.*)?$/;
const SECONDS = /^\d{1,9}$/;
