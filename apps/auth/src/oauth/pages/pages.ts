import { createHash } from 'node:crypto';
import { Eta } from 'eta';
import type Koa from 'koa';
import { STYLE } from './style.js';
import { templates, type PageData } from './templates.js';

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

const eta = new Eta({ autoEscape: true });
for (const [name, { title, body }] of Object.entries(templates))
  eta.loadTemplate(
    `@${name}`,
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`,
  );

export interface Shown {
  readonly status?: number;
  /** Where, besides here, a form of the page may end: browsers follow redirects under the same rule. */
  readonly formLeadsTo?: string;
}

/** Answers with a page: whole in itself, without scripts, in no frame, kept by no cache. */
export const showPage = <Name extends keyof PageData>(
  ctx: Koa.Context,
  name: Name,
  data: PageData[Name],
  shown: Shown = {},
): void => {
  const { status = 200, formLeadsTo } = shown;
  const formAction = ["'self'", ...(formLeadsTo === undefined ? [] : [formLeadsTo])].join(' ');
  ctx.status = status;
  ctx.type = 'html';
  ctx.set({
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action ${formAction}; base-uri 'none'; frame-ancestors 'none'`,
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin', // forms need an Origin, others need not know the address
  });
  ctx.body = eta.render(`@${name}`, data);
};
