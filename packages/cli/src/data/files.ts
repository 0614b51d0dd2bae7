/**
 * The names, lengths and digests of each data set's files; lengths and digests are those of the uncompressed content.
 */

/** The data sets, named like their folders. */
export const setNames = ['mnist', 'fashion-mnist'] as const;
export type SetName = (typeof setNames)[number];

/** One IDX file: its length in bytes and the SHA-256 of its uncompressed content. */
export interface KnownFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The four files of one data set, official or of the sample. */
export interface KnownSet {
  readonly train: { readonly images: KnownFile; readonly labels: KnownFile };
  readonly test: { readonly images: KnownFile; readonly labels: KnownFile };
}

/** The official files, as the mirrors below have them. */
export const fullSets: Record<SetName, KnownSet> = {
  mnist: known(
    [
      60000,
      'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
      '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
    ],
    [
      10000,
      '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
      'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
    ],
  ),
  'fashion-mnist': known(
    [
      60000,
      'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
      'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
    ],
    [
      10000,
      '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
      '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
    ],
  ),
};

/** The embedded sample's files, as sample/make.ts prints them. */
export const sampleSets: Record<SetName, KnownSet> = {
  mnist: known(
    [
      8000,
      '18aec7bd98b9621e25de273e48b71dfbd4313e98b17b952a72f491584776aec4',
      '76168f9cdeedf60a7a73de030b527d826cb3a26880fa1fa385aff620a4ccfd9e',
    ],
    [
      2000,
      '92cb49931816cb108996de418b46679864b26f5fc03bfcd65308942657fc8468',
      'e9b3960ab805ce0f6b0b1495ae9994d3f958cccb1694c4be7d5bc085bae56276',
    ],
  ),
  'fashion-mnist': known(
    [
      2000,
      '71a9f8cec24060d6752b3e4940ce6d6fd729334afa47b735dd553481aa83b53e',
      '8983259dfbc9f185f92698916f7daf361704b43ba7d19568cc7bcdeefdc1bece',
    ],
    [
      2000,
      '862035b0a96959b614c9574f4c2b0ae9584ca234813e8d6d7adb7838b12ca46b',
      'aa3f574d30afaf0d4d9da084a6f8541771e20693d6a97fae6e9a4953fca8f078',
    ],
  ),
};

/** The folders from which the gzipped official files are downloaded, ending in a slash. */
export const mirrors: Record<SetName, string> = {
  mnist: 'https://ossci-datasets.s3.amazonaws.com/mnist/',
  'fashion-mnist': 'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
};

/** The files of one set, images before labels. */
export function filesOf({ train, test }: KnownSet): KnownFile[] {
  return [train.images, train.labels, test.images, test.labels];
}

type Digests = readonly [count: number, images: string, labels: string];

function known(train: Digests, test: Digests): KnownSet {
  return { train: split('train', train), test: split('t10k', test) };
}

function split(prefix: string, [count, images, labels]: Digests): KnownSet['train'] {
  return {
    images: { name: `${prefix}-images-idx3-ubyte`, bytes: 16 + count * 28 * 28, sha256: images },
    labels: { name: `${prefix}-labels-idx1-ubyte`, bytes: 8 + count, sha256: labels },
  };
}
