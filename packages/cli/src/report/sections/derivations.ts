import type { DerivationsSection } from '../../result/sections/derivations.ts';
import { renderMarkdown } from '../derivations.ts';
import { type Html, html } from '../html.ts';
import { section } from '../parts.ts';

export function derivationsReport({ documents }: DerivationsSection): Html {
  return section(
    'derivations',
    documents.length
      ? documents.map(({ markdown }) => html`<article>${renderMarkdown(markdown)}</article>`)
      : html`<p>The derivations come with the source code, in docs/derivations; this copy runs without it.</p>`,
  );
}
