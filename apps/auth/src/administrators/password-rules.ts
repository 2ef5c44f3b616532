const SHORTEST = 12;
const LONGEST = 200;
const LEAST_DIFFERENT = 6;

/** What lists of breached passwords are made of, once digits and signs at the ends are taken off and letters are read as letters. */
const COMMON = [
  ...['password', 'passwort', 'passphrase', 'motdepasse', 'contrasena', 'kennwort', 'qwerty', 'qwertz', 'azerty'],
  ...['qwertyuiop', 'qwertzuiop', 'asdfghjkl', 'zxcvbnm', 'letmein', 'welcome', 'willkommen', 'iloveyou', 'princess'],
  ...[
    'football',
    'baseball',
    'superman',
    'batman',
    'dragon',
    'monkey',
    'sunshine',
    'shadow',
    'master',
    'trustno',
    'whatever',
  ],
  ...[
    'admin',
    'administrator',
    'root',
    'secret',
    'changeme',
    'default',
    'login',
    'test',
    'rollcall',
    'summer',
    'winter',
  ],
  ...['spring', 'autumn', 'company', 'starwars', 'pokemon', 'michael', 'jennifer', 'computer', 'internet'],
];
const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'l',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};
const RUNS = ['abcdefghijklmnopqrstuvwxyz', '0123456789', 'qwertyuiop', 'qwertzuiop', 'asdfghjkl', 'zxcvbnm'];

/**
 * What is wrong with a password, for whoever chooses it; undefined when nothing is. Long ones without demands on their letters, and none that is
 * guessed first (NIST SP 800-63B §5.1.1.2). `about` is what everybody knows of the person: address, names.
 */
export const faultOfPassword = (password: string, about: readonly string[]): string | undefined => {
  const length = [...password].length;
  if (length < SHORTEST) return `Use at least ${SHORTEST} characters. A few words in a row are easy to remember.`;
  if (length > LONGEST) return `Use at most ${LONGEST} characters.`;
  const folded = password.normalize('NFKC').toLowerCase();
  if (new Set(folded).size < LEAST_DIFFERENT || isPattern(folded))
    return 'This repeats a pattern that is guessed first. Choose another one.';
  if (isCommon(folded))
    return 'This is one of the passwords that are known from breaches and guessed first. Choose another one.';
  const known = about.flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u)).filter((word) => word.length >= 4);
  const rest = known.reduce((left, word) => left.replaceAll(word, ''), folded);
  if (rest.length < SHORTEST / 2)
    return 'This is made of your name or address. Choose something that nobody knows of you.';
  return undefined;
};

/** One piece over and over, or keys as they lie beside each other. */
const isPattern = (folded: string): boolean => {
  if (/^(.{1,6})\1+.{0,5}$/su.test(folded)) return true;
  const backwards = (text: string): string => [...text].reverse().join('');
  const letters = folded.replace(/[^\p{L}\p{N}]/gu, '');
  const runs = RUNS.flatMap((run) => [run.repeat(3), backwards(run.repeat(3))]);
  return letters.length > 0 && runs.some((run) => run.includes(letters));
};

const isCommon = (folded: string): boolean => {
  const words = [...folded].map((letter) => LEET[letter] ?? letter).join('');
  return [folded, words].some((text) => COMMON.includes(text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')) || isMostly(text));
};

/** A common word with something short before and after it. */
const isMostly = (text: string): boolean =>
  COMMON.some((word) => word.length >= 6 && text.replaceAll(word, '').length < LEAST_DIFFERENT);
