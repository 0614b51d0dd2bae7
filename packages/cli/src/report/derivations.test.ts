import { expect, test } from 'vitest';
import { renderMarkdown } from './derivations.ts';

test('LaTeX becomes MathML, inline and in blocks, and keeps its underscores', () => {
  const { markup } = renderMarkdown('For $x_i$ and $y_i$:\n\n$$\n\\sum_i x_i\n= 1\n$$\n\nso.');
  expect(markup.match(/<math/g)).toHaveLength(3);
  expect(markup.match(/<math[^>]*display="block"/g)).toHaveLength(1);
  expect(markup).not.toContain('<em>');
  expect(markup).not.toContain('katex-html');
});

test('a price and code are not mathematics', () => {
  const { markup } = renderMarkdown('It costs 5 $ or `$x$`.');
  expect(markup).toBe('<p>It costs 5 $ or <code>$x$</code>.</p>\n');
});

test('HTML in the Markdown is shown as text, and script links are not links', () => {
  const { markup } = renderMarkdown(
    '<script>alert(1)</script>\n\n[a](javascript:alert(1)) [b](https://example.org)',
  );
  expect(markup).not.toContain('<script');
  expect(markup).not.toContain('javascript:');
  expect(markup).toContain('<a href="https://example.org">b</a>');
});

test('a formula that does not parse is shown and stops nothing', () => {
  expect(renderMarkdown('$\\frac{1$ and on').markup).toContain('and on');
});

test('headings go below the report’s own, and tables scroll with column headers', () => {
  const { markup } = renderMarkdown('# Title\n\n| a | b |\n|---|---|\n| 1 | $x$ |');
  expect(markup).toContain('<h3>Title</h3>');
  expect(markup).toContain('<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">a</th>');
  expect(markup).toContain('<td><span class="katex"><math');
});
