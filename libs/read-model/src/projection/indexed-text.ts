/** A longer value would not fit a B-tree entry (2,704 bytes, all columns together). */
export const INDEXED_LENGTH = 200;

// The greatest code point, a noncharacter: whatever the cut-off rest was, it sorts before it.
const CUT = '\u{10FFFF}';

/**
 * What an indexed column holds of a text: the whole of it, or its first characters and a mark. Comparisons with a text of at most
 * INDEXED_LENGTH are exact on it; longer ones must look at the document as well.
 */
export const indexedText = (text: string): string => (isIndexedWhole(text) ? text : wholeCharacters(text) + CUT);

/** Whether comparing the column with this text is as good as comparing the document. */
export const isIndexedWhole = (text: string): boolean => text.length <= INDEXED_LENGTH;

const wholeCharacters = (text: string): string => {
  const cut = text.slice(0, INDEXED_LENGTH);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
};

/**
 * The least text that follows every text beginning with `prefix`, so that `sw` becomes a range, which an index serves under row-level
 * security where LIKE would not (DESIGN §5). Undefined when there is none: the range is open then.
 */
export const afterPrefix = (prefix: string): string | undefined => {
  const characters = [...prefix];
  for (let last = characters.pop(); last !== undefined; last = characters.pop()) {
    const next = nextCodePoint(last.codePointAt(0) ?? 0);
    if (next !== undefined) return characters.join('') + String.fromCodePoint(next);
  }
  return undefined;
};

const nextCodePoint = (codePoint: number): number | undefined => {
  if (codePoint >= 0x10ffff) return undefined;
  return codePoint === 0xd7ff ? 0xe000 : codePoint + 1; // between them lie the surrogates, which are no characters
};
