/** The process's settings as they were at start: the one place that reads them. */
export const environment = (): Readonly<Record<string, string | undefined>> => ({ ...process.env });
