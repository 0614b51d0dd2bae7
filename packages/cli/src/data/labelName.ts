const garments = [
  'T-shirt',
  'trouser',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle boot',
];

/** What a label of the data set means: a digit or a garment. */
export function labelName(set: 'MNIST' | 'Fashion-MNIST', label: number): string {
  switch (set) {
    case 'MNIST':
      return String(label);
    case 'Fashion-MNIST':
      return garments[label]!;
    default:
      return set satisfies never;
  }
}
