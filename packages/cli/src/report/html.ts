/** Markup that is safe to embed. The template `html` escapes every value that is not `Html`. */
export class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

export type Content = Html | string | number | null | undefined | false | readonly Content[];

/**
 * Makes markup from a template: in `` html`<b>${name}</b>` ``, `name` is escaped. A line never breaks within "K = 7".
 */
export function html(strings: TemplateStringsArray, ...values: Content[]): Html {
  const markup = strings.reduce((before, string, i) => before + render(values[i - 1]) + string);
  return new Html(markup.replaceAll('K = ', 'K\u00a0=\u00a0'));
}

/** Takes markup as it is: SVG from Plot or MathML from KaTeX, but never text from a result. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

/** Writes a value as JSON that cannot end the script element in which it stands. */
export function embeddedJson(value: unknown): Html {
  return new Html(JSON.stringify(value).replaceAll('<', '\\u003c'));
}

/** Escapes a text for elements and attributes. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function render(value: Content): string {
  if (value instanceof Html) return value.markup;
  if (Array.isArray(value)) return value.map(render).join('');
  if (value === null || value === undefined || value === false) return '';
  return escapeText(String(value));
}
