import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** Nothing of the machine's own is used, and nothing is sent anywhere but to the pages under test. */
const SWITCHES = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
const WHAT_TO_DO =
  'The pages are tested in a real browser: install Chromium (Debian: apt-get install chromium), or set CHROMIUM_PATH to a Chromium or Chrome.';

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const onPath = (): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find(isExecutable);

/** A fresh CI machine has none: as root on Debian it is installed. */
const installed = (): string | undefined => {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return undefined;
  const options = { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const;
  execFileSync('apt-get', ['update'], options);
  execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], options);
  return onPath();
};

/** Where Chromium is: CHROMIUM_PATH, the PATH, or freshly installed. Throws with what to do when there is none. */
export const findChromium = (): string => {
  const chosen = process.env['CHROMIUM_PATH'];
  if (chosen !== undefined && chosen !== '') {
    if (isExecutable(chosen)) return chosen;
    throw new Error(`CHROMIUM_PATH names no program: ${chosen}. ${WHAT_TO_DO}`);
  }
  const found = onPath() ?? installed();
  if (found === undefined) throw new Error(WHAT_TO_DO);
  return found;
};

/** A browser with a profile of its own, which `close` removes. */
export interface TestBrowser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** Starts Chromium on an empty profile. */
export const startBrowser = async (viewport: {
  readonly width: number;
  readonly height: number;
}): Promise<TestBrowser> => {
  const profile = await mkdtemp(join(tmpdir(), 'rollcall-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium(),
    args: SWITCHES,
    viewport,
  });
  return {
    context,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};
