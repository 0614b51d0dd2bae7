import type { DataSection } from '../../result/sections/data.ts';
import { count } from '../../text/format.ts';
import { type Html, html } from '../html.ts';
import { image, section, table } from '../parts.ts';

export function dataReport({ source, sets, first }: DataSection): Html {
  return section(
    'data',
    html`<p>${
      source === 'sample'
        ? 'The embedded sample: the first images of each set, small enough to travel with the code. Figures on it are somewhat worse than on the full sets.'
        : 'The full sets, as published.'
    } The network is trained on the digits of MNIST and never sees the garments of Fashion-MNIST.</p>`,
    table(
      'Images of 28 × 28 gray pixels',
      [
        { title: 'set', words: true },
        { title: 'split', words: true },
        { title: 'images' },
        { title: 'used' },
      ],
      sets.map((set) => [set.name, set.split, count(set.count), count(set.used)]),
    ),
    first.map(
      ({ name, images }) =>
        html`<h3>First nine training images of ${name}</h3><ul class="tiles">${images.map(
          (picture) =>
            html`<li>${image(picture, `${name}: ${picture.labels[0]}`, 2)}<span>${picture.labels[0]}</span></li>`,
        )}</ul>`,
    ),
  );
}
