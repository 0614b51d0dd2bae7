import katex from 'katex';
import { expect, test } from 'vitest';
import { portableMath } from './math.ts';

const portable = (latex: string) => portableMath(katex.renderToString(latex, { output: 'mathml' }));

test('styled letters are letters of their own', () => {
  const markup = portable('\\mathbb R^D, \\mathcal N, \\mathcal L, \\mathbf x');
  for (const letter of ['ℝ', '\u{1d4a9}', 'ℒ', '\u{1d431}']) expect(markup).toContain(`<mi>${letter}</mi>`);
  expect(markup).not.toContain('mathvariant');
});

test('a function has space before its argument, and none before a bracket', () => {
  expect(portable('\\ln p')).toContain('<mo lspace="0.17em" rspace="0.17em">ln</mo><mi>p</mi>');
  expect(portable('\\operatorname{tr}(A)')).toContain(
    '<mo lspace="0.17em" rspace="0em">tr</mo><mo stretchy="false">(',
  );
});
