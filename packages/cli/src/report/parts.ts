import type { Picture } from '../result/section.ts';
import { sections } from '../result/sections.ts';
import type { SectionName } from '../result/studyResult.ts';
import { fixed } from '../text/format.ts';
import { type Content, type Html, html, trusted } from './html.ts';
import type { Curve } from './plots.ts';

/** A section of the report, with its heading. */
export function section(name: SectionName, ...body: Content[]): Html {
  return html`<section id="${name}" aria-labelledby="${name}-title"><h2 id="${name}-title">${sections[name].title}</h2>${body}</section>\n`;
}

/** Puts figures side by side where there is room, and below one another on a phone. */
export function plots(...figures: Html[]): Html {
  return html`<div class="plots">${figures}</div>`;
}

/** A plot with its legend and a caption that says what to see in it. */
export function figure(
  svg: string,
  caption: Content,
  curves: readonly Pick<Curve, 'name' | 'color' | 'dash'>[] = [],
): Html {
  const legend = curves.map(
    ({ name, color, dash }) =>
      html`<li><svg viewBox="0 0 24 8" width="24" height="8" aria-hidden="true"><path d="M1,4H23" stroke="${color}" stroke-width="3" ${dash ? html`stroke-dasharray="${dash}"` : ''}/></svg>${name}</li>`,
  );
  return html`<figure>${trusted(svg)}${legend.length > 0 && html`<ul class="legend">${legend}</ul>`}<figcaption>${caption}</figcaption></figure>`;
}

export interface Column {
  readonly title: Content;
  /**
   * Whether the column has words, which are aligned left, rather than numbers, which are aligned right; defaults to
   * false.
   */
  readonly words?: boolean;
}

/** A table. Its first column names the rows, and it scrolls sideways where it does not fit. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Content[])[],
): Html {
  const head = columns.map(
    ({ title, words }) => html`<th scope="col"${words && html` class="words"`}>${title}</th>`,
  );
  const body = rows.map((row) => {
    const [first, ...rest] = row.map((cell, i) =>
      i === 0
        ? html`<th scope="row"${columns[0]!.words && html` class="words"`}>${cell}</th>`
        : html`<td${columns[i]!.words && html` class="words"`}>${cell}</td>`,
    );
    return html`<tr>${first}${rest}</tr>\n`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/**
 * A picture.
 * @param what the alternative text
 * @param zoom CSS pixels for each pixel
 */
export function image({ png, columns, labels }: Picture, what: string, zoom: number): Html {
  const across = Math.min(columns, labels.length);
  const down = Math.ceil(labels.length / columns);
  const width = 28 * across * zoom;
  const height = 28 * down * zoom;
  const base64 = png.replace(/[^A-Za-z0-9+/=]/g, '');
  return html`<img src="data:image/png;base64,${base64}" width="${width}" height="${height}" alt="${what}">`;
}

/** A number as `fixed` writes it, but with a true minus sign instead of a hyphen. */
export function signed(value: number | null | undefined, digits?: number): string {
  return fixed(value, digits).replace(/^-/, '−');
}

/** The legend of every plot that shows both data sets. */
export const setsLegend: readonly Pick<Curve, 'name' | 'color'>[] = [
  { name: 'MNIST', color: 'var(--id)' },
  { name: 'Fashion-MNIST', color: 'var(--ood)' },
];

/** The heading of a column of adjusted Rand indices. */
export const adjustedRandTitle: Html = html`<abbr title="adjusted Rand index">ARI</abbr>`;
