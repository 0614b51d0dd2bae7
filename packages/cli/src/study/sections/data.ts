import { imageAt } from '../../data/images.ts';
import { labelName } from '../../data/labelName.ts';
import type { DataSection } from '../../result/sections/data.ts';
import { count } from '../../text/format.ts';
import { row } from '../../text/row.ts';
import { picture } from '../picture.ts';
import type { Study } from '../study.ts';

/** Counts the images, and shows the first nine of each set. */
export async function dataSection(study: Study): Promise<Omit<DataSection, 'seconds'>> {
  const { mnist, fashionMnist, source, digests } = study.data;
  const set = (
    name: 'MNIST' | 'Fashion-MNIST',
    split: 'train' | 'test',
    all: number,
    used: number,
  ): DataSection['sets'][number] => {
    const path = `${name.toLowerCase()}/${split === 'train' ? 'train' : 't10k'}`;
    return {
      name,
      split,
      count: all,
      used,
      sha256: {
        images: digests[`${path}-images-idx3-ubyte`]!,
        labels: digests[`${path}-labels-idx1-ubyte`]!,
      },
    };
  };
  const sets = [
    set('MNIST', 'train', mnist.train.count, study.train.count),
    set('MNIST', 'test', mnist.test.count, study.test.count),
    set('Fashion-MNIST', 'train', fashionMnist.train.count, 0),
    set('Fashion-MNIST', 'test', fashionMnist.test.count, study.fashionTest.count),
  ];
  const first = [
    { name: 'MNIST' as const, split: mnist.train },
    { name: 'Fashion-MNIST' as const, split: fashionMnist.train },
  ].map(({ name, split }) => ({
    name,
    images: Array.from({ length: 9 }, (_, i) =>
      picture([imageAt(split, i)], [labelName(name, split.labels[i]!)], 1),
    ),
  }));

  for (const { name, split, count: all, used } of sets)
    study.print(row([name, split, `${count(all)} images`, `${count(used)} used`], [-14, -6, 14, 14]));
  for (const { name, images } of first)
    study.print(`  first nine of ${name}: ${images.map(({ labels }) => labels[0]).join(', ')}`);
  return { source, sets, first };
}
