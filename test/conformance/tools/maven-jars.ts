import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder, output } from './cached-folder.js';

const POM = join(import.meta.dirname, '..', 'java', 'pom.xml');

type MissingTools = () => Promise<readonly { readonly name: string; readonly problem: string }[]>;

/** Not a literal `import()`: the module has no types. */
const load = (path: string): Promise<unknown> => import(path);

/** The class path of what pom.xml names, downloaded once with Maven. Throws when there is no Java from 17 on, or no Maven. */
export const strictClientClassPath = async (): Promise<string> => {
  const { missingTools } = (await load('../../../deploy/kafka/broker-jars.mjs')) as { missingTools: MissingTools };
  const missing = await missingTools();
  if (missing.length > 0) {
    const problems = missing.map(({ problem }) => problem).join('; ');
    throw new Error(`The strict client needs a JDK, 17 or newer, and Maven: ${problems}.`);
  }
  const jars = await cachedFolder('strict-client', await readFile(POM, 'utf8'), (folder) =>
    output('mvn', [
      ...['-q', '-B', '-f', POM, 'dependency:copy-dependencies', '-DincludeScope=runtime'],
      `-DoutputDirectory=${folder}`,
    ]),
  );
  return join(jars, '*');
};

/** The version of SCIM-SDK's client in pom.xml. */
export const pinnedStrictClient = async (): Promise<string> => {
  const version = /scim-sdk-client<\/artifactId>\s*<version>([^<]+)</.exec(await readFile(POM, 'utf8'))?.[1];
  if (version === undefined) throw new Error('pom.xml names no version of scim-sdk-client.');
  return version;
};
