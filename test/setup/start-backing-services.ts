/** Jest transforms this file and what it imports, but does not find a `.ts` file by the name `.js`: hence the path that is no literal. */
const path: string = './backing-services.ts';

export default async function (): Promise<void> {
  const { startBackingServices } = (await import(path)) as typeof import('./backing-services.js');
  await startBackingServices();
}
