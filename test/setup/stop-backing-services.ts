/** As start-backing-services.ts. */
const path: string = './backing-services.ts';

export default async function (): Promise<void> {
  const { stopBackingServices } = (await import(path)) as typeof import('./backing-services.js');
  await stopBackingServices();
}
