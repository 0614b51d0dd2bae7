import { expect, test } from 'vitest';
import { embeddedJson, html, trusted } from './html.ts';

test('values are escaped as text, in content and in attributes', () => {
  expect(html`<p title="${'"><script>'}">${'a < b & c'}</p>`.markup).toBe(
    '<p title="&#34;&#62;&#60;script&#62;">a &#60; b &#38; c</p>',
  );
});

test('templates nest, lists join, and absent values leave nothing', () => {
  const items = ['a', 'b'].map((item) => html`<li>${item}</li>`);
  expect(html`<ul>${items}${null}${false}${undefined}${0}</ul>${trusted('<br>')}`.markup).toBe(
    '<ul><li>a</li><li>b</li>0</ul><br>',
  );
});

test('embedded JSON cannot close its script element and parses to the same value', () => {
  const value = { text: '</script><!--' };
  const { markup } = embeddedJson(value);
  expect(markup).not.toContain('<');
  expect(JSON.parse(markup)).toEqual(value);
});

test('a line never breaks within "K = 7"', () => {
  expect(html`<b>${'with K = 7'}</b>`.markup).toBe('<b>with K\u00a0=\u00a07</b>');
});
