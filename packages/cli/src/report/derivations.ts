import katex from 'katex';
import { Marked, type Tokens } from 'marked';
import { escapeText, type Html, trusted } from './html.ts';
import { portableMath } from './math.ts';

/**
 * Renders Markdown with LaTeX between $ or $$ as HTML with MathML, which needs no fonts, styles or scripts. HTML inside
 * the Markdown is shown as text, and only links to the web remain links.
 */
export function renderMarkdown(markdown: string): Html {
  return trusted(marked.parse(markdown, { async: false }));
}

interface MathToken extends Tokens.Generic {
  text: string;
  block: boolean;
}

const math = ({ text, block }: MathToken): string =>
  portableMath(katex.renderToString(text, { displayMode: block, output: 'mathml', throwOnError: false }));

const marked = new Marked({
  extensions: [
    {
      name: 'mathBlock',
      level: 'block',
      start: (source) => source.indexOf('$$'),
      tokenizer(source) {
        const match = /^\$\$([\s\S]+?)\$\$[ \t]*(?:\n|$)/.exec(source);
        return match ? { type: 'mathBlock', raw: match[0], text: match[1]!.trim(), block: true } : undefined;
      },
      renderer: (token) => `<div class="math">${math(token as MathToken)}</div>`,
    },
    {
      name: 'mathInline',
      level: 'inline',
      start: (source) => source.indexOf('$'),
      tokenizer(source) {
        const match =
          /^\$\$([\s\S]+?)\$\$/.exec(source) ??
          /^\$(?![\s$])((?:\\[\s\S]|[^$\\])*?)(?<!\s)\$(?!\d)/.exec(source);
        return match
          ? { type: 'mathInline', raw: match[0], text: match[1]!.trim(), block: match[0].startsWith('$$') }
          : undefined;
      },
      renderer: (token) => math(token as MathToken),
    },
  ],
  renderer: {
    html: ({ text }) => escapeText(text),
    image: ({ text }) => escapeText(text),
    link({ href, tokens }) {
      const text = this.parser.parseInline(tokens);
      return /^https?:\/\//.test(href) ? `<a href="${escapeText(href)}">${text}</a>` : text;
    },
    // below the report's own headings: the title of a document is a heading of level 3
    heading({ tokens, depth }) {
      const level = Math.min(depth + 2, 6);
      return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>\n`;
    },
    table({ header, rows }) {
      const cells = (row: Tokens.TableCell[], tag: string) =>
        row.map((cell) => `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag.split(' ')[0]}>`).join('');
      return (
        `<div class="scroll" tabindex="0"><table><thead><tr>${cells(header, 'th scope="col"')}</tr></thead>` +
        `<tbody>${rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('')}</tbody></table></div>`
      );
    },
  },
});
