import { readdirSync, readFileSync } from 'node:fs';
import katex from 'katex';
import { describe, expect, it } from 'vitest';

const folder = new URL('../../../docs/derivations/', import.meta.url);
const pages = [...readdirSync(folder).filter((name) => name.endsWith('.md')), '../guide.md'];

const withoutCode = (markdown: string): string =>
  markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');

/** The formulas of a page in the order in which they stand; code is left out. */
function formulas(markdown: string): { tex: string; display: boolean }[] {
  return [...withoutCode(markdown).matchAll(/^\$\$\n([\s\S]*?)\n\$\$$|\$([^$\n]+)\$/gm)].map(
    ([, display, inline]) => ({
      tex: (display ?? inline)!,
      display: display !== undefined,
    }),
  );
}

/** What Markdown would take for its own before the formula is set, by name. */
const traps: Record<string, RegExp> = {
  'a backslash before punctuation': /\\[!-/:-@[-`{-~]/,
  'an asterisk, < or >': /[*<>]/,
  'a subscript after a bracket or a space': /(^|[^A-Za-z0-9])_/,
  'a line that begins like a list or a heading': /\n *([-+#]|\d+[.)])( |$)/,
  'a macro that GitHub refuses': /\\operatorname/,
  'space at the edge of an inline formula': /^ | $/,
};

describe.each(pages)('docs/derivations/%s', (page) => {
  const markdown = readFileSync(new URL(page, folder), 'utf8');
  const found = formulas(markdown);

  it('leaves no dollar sign outside the formulas', () => {
    const marks = withoutCode(markdown).split('$').length - 1;
    expect(marks).toBe(found.reduce((sum, { display }) => sum + (display ? 4 : 2), 0));
  });

  it('has only formulas that KaTeX sets as MathML', () => {
    for (const { tex, display } of found) {
      const html = katex.renderToString(tex, {
        displayMode: display,
        output: 'mathml',
        throwOnError: true,
        strict: 'error',
      });
      expect(html, tex).toContain('<math');
    }
  });

  it('has only formulas that Markdown leaves alone', () => {
    for (const { tex, display } of found)
      for (const [trap, pattern] of Object.entries(traps))
        expect(pattern.test(display ? `\n${tex}` : tex), `${trap}: ${tex}`).toBe(false);
  });
});

describe('the derivations', () => {
  it('have well over a hundred formulas, so the tests above have something to test', () => {
    const count = pages.flatMap((page) => formulas(readFileSync(new URL(page, folder), 'utf8'))).length;
    expect(count).toBeGreaterThan(100);
  });

  it('is tested by traps that catch what they name', () => {
    const caught = ['a\\, b', 'a < b', '\\mathbb{E}_q', 'a\n- b', '\\operatorname{tr}', ' a'];
    expect(caught.map((tex) => Object.values(traps).findIndex((pattern) => pattern.test(tex)))).toEqual([
      0, 1, 2, 3, 4, 5,
    ]);
  });
});
