/**
 * Turns KaTeX's MathML into MathML Core, which browsers implement and which knows neither `mathvariant` nor the space
 * around the name of a function: styled letters become letters of their own, and names become operators with space
 * around them.
 */
export function portableMath(mathml: string): string {
  return mathml
    .replace(
      /<mi mathvariant="(double-struck|script|bold)">([A-Za-z])<\/mi>/g,
      (whole, style: Style, letter: string) => {
        const styled = styledLetter(style, letter);
        return styled ? `<mi>${styled}</mi>` : whole;
      },
    )
    .replace(
      /<mi(?: mathvariant="normal")?>([A-Za-z]{2,})<\/mi><mo>\u2061<\/mo>(<mo[^>]*>[([{]|<mrow><mo fence="true">[([{]?)?/g,
      (_, name: string, bracket: string | undefined) =>
        `<mo lspace="0.17em" rspace="${bracket ? 0 : 0.17}em">${name}</mo>${bracket ?? ''}`,
    );
}

type Style = 'double-struck' | 'script' | 'bold';

/**
 * The code points of A and, where there are small letters, of a. Letters that Unicode had before the alphabet was added
 * are elsewhere.
 */
const alphabets: Readonly<
  Record<Style, { capital: number; small?: number; elsewhere: Record<string, string> }>
> = {
  'double-struck': {
    capital: 0x1d538,
    elsewhere: { C: 'ℂ', H: 'ℍ', N: 'ℕ', P: 'ℙ', Q: 'ℚ', R: 'ℝ', Z: 'ℤ' },
  },
  script: {
    capital: 0x1d49c,
    elsewhere: { B: 'ℬ', E: 'ℰ', F: 'ℱ', H: 'ℋ', I: 'ℐ', L: 'ℒ', M: 'ℳ', R: 'ℛ' },
  },
  bold: { capital: 0x1d400, small: 0x1d41a, elsewhere: {} },
};

function styledLetter(style: Style, letter: string): string | undefined {
  const { capital, small, elsewhere } = alphabets[style];
  if (elsewhere[letter]) return elsewhere[letter];
  if (letter <= 'Z') return String.fromCodePoint(capital + letter.charCodeAt(0) - 65);
  return small ? String.fromCodePoint(small + letter.charCodeAt(0) - 97) : undefined;
}
