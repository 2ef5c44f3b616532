/** Raised when `fold` or `prepareUserName` gives another text for any input: stored folded values must then be made anew. */
export const foldVersion = 1;

/** The version that a tenant's uniqueness claims were made with (DESIGN.md 4). */
export const userNamePreparationVersion = 1;

/**
 * The form in which attributes with `caseExact: false` are compared: full-width and half-width forms mapped, lower-case by
 * Unicode's full mapping, NFC. The final sigma becomes the ordinary one, for a prefix must fold as it does inside a longer text.
 */
export const fold = (text: string): string => {
  if (isAscii(text)) return text.toLowerCase();
  return text
    .replace(widthVariant, (character) => character.normalize('NFKC'))
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .normalize('NFC');
};

/**
 * The form in which userNames are unique: the mappings of PRECIS UsernameCaseMapped (RFC 8265 §3.3), without its ban on
 * spaces and symbols, which identity providers do send. It equals `fold`, so a filter finds exactly the name that collides.
 */
export const prepareUserName = (name: string): string => fold(name);

// The only code points whose decomposition is tagged <wide> or <narrow>.
const widthVariant = /[\u3000\uff01-\uffee]/g;

const isAscii = (text: string): boolean => {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
};
