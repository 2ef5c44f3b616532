import { invalidFilter } from '../messages/scim-error.js';
import type { ScimError } from '../messages/scim-error.js';
import type { FilterLiteral } from './filter.js';

const blank = /[ \t\r\n]/;
const endsWord = /[\s()[\]"]/;
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const attributeName = /^(?:[a-z][\w-]*|\$ref)(?:\.(?:[a-z][\w-]*|\$ref))?$/i;
const qualifiedName = /^[a-z][\w+.-]*:[\w\-.:/~%$]+$/i;

/** Reads a filter or path from left to right; every fault names its place, counted from 1, and what is allowed there. */
export class FilterScanner {
  position = 0;

  constructor(readonly text: string) {}

  get atEnd(): boolean {
    return this.position >= this.text.length;
  }

  peek(): string | undefined {
    return this.text[this.position];
  }

  skipBlanks(): void {
    while (!this.atEnd && blank.test(this.text.charAt(this.position))) this.position += 1;
  }

  /** Takes `character` when it is next. */
  take(character: string): boolean {
    if (this.peek() !== character) return false;
    this.position += 1;
    return true;
  }

  expect(character: string, purpose: string): void {
    if (!this.take(character)) throw this.fault(`"${character}" ${purpose}`);
  }

  /** The word that starts here, without taking it; empty at a bracket, quote or the end. */
  peekWord(): string {
    let end = this.position;
    while (end < this.text.length && !endsWord.test(this.text.charAt(end))) end += 1;
    return this.text.slice(this.position, end);
  }

  /** Takes `keyword`, in any case, when it is the next word. */
  takeKeyword(keyword: string): boolean {
    const word = this.peekWord();
    if (word.toLowerCase() !== keyword) return false;
    this.position += word.length;
    return true;
  }

  /** Takes an attribute name, with sub-attribute and schema URN where given; legality of a URN's end is for the look-up. */
  takeName(): string {
    const word = this.peekWord();
    if (!(word.includes(':') ? qualifiedName : attributeName).test(word)) throw this.fault('an attribute name');
    this.position += word.length;
    return word;
  }

  /** Takes a JSON string, number, `true`, `false` or `null` (RFC 7644 §3.4.2.2, compValue). */
  takeLiteral(): FilterLiteral {
    if (this.peek() === '"') return this.takeString();
    const word = this.peekWord();
    const literal = literals.get(word.toLowerCase());
    if (literal === undefined && !number.test(word)) {
      throw this.fault('a value: a string in double quotes, a number, true, false or null');
    }
    this.position += word.length;
    return literal === undefined ? Number(word) : literal;
  }

  fault(expected: string): ScimError {
    const found = this.atEnd ? 'the end' : `"${this.text.slice(this.position, this.position + 20)}"`;
    return invalidFilter(`At position ${this.position + 1} of the filter: expected ${expected}, found ${found}.`);
  }

  private takeString(): string {
    const start = this.position;
    let end = start + 1;
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === '\\' ? 2 : 1;
    if (end >= this.text.length) throw this.fault('a string that is closed by a double quote');
    const value = parseString(this.text.slice(start, end + 1));
    if (value === undefined)
      throw this.fault('a string with the escapes of JSON, without U+0000 and broken surrogates');
    this.position = end + 1;
    return value;
  }
}

const literals = new Map<string, FilterLiteral>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

const parseString = (json: string): string | undefined => {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'string' && !value.includes('\0') && value.isWellFormed() ? value : undefined;
  } catch {
    return undefined;
  }
};
