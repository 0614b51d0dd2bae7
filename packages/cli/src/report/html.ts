/** HTML by template: every value is escaped as text unless it is `Html` already. */
export class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

export type Content = Html | string | number | null | undefined | false | readonly Content[];

/** `` html`<b>${name}</b>` ``, with `name` escaped. A line never breaks within "K = 7". */
export function html(strings: TemplateStringsArray, ...values: Content[]): Html {
  const markup = strings.reduce((before, string, i) => before + render(values[i - 1]) + string);
  return new Html(markup.replaceAll('K = ', 'K\u00a0=\u00a0'));
}

/** Markup that we made ourselves: SVG from Plot, MathML from KaTeX. Never text from a result. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

/** JSON that cannot end the script element it stands in. */
export function embeddedJson(value: unknown): Html {
  return new Html(JSON.stringify(value).replaceAll('<', '\\u003c'));
}

export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function render(value: Content): string {
  if (value instanceof Html) return value.markup;
  if (Array.isArray(value)) return value.map(render).join('');
  if (value === null || value === undefined || value === false) return '';
  return escapeText(String(value));
}
