import type Koa from 'koa';

const LARGEST_FORM = 16 * 1024;

/** Whether the form was sent from a page of ours. Browsers say so; what says nothing is no browser, and has no cookie of one. */
export const isFromHere = (ctx: Koa.Context, issuer: string): boolean => {
  const origin = ctx.get('origin');
  return origin === '' || origin === new URL(issuer).origin;
};

/** The fields of a form. More than a form of ours can hold is read as none. */
export const readForm = async (ctx: Koa.Context): Promise<URLSearchParams> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of ctx.req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= LARGEST_FORM) chunks.push(chunk);
  }
  return new URLSearchParams(size > LARGEST_FORM ? '' : Buffer.concat(chunks).toString('utf8'));
};
