import { expect, test } from 'vitest';
import { Matrix } from '../matrix.ts';
import { Random } from '../random.ts';
import { MlpClassifier, type MlpClassifierOptions, mlpClassifier } from './index.ts';

/** Two interleaved half-moons with a little noise. */
function moons(n: number): { X: Matrix; labels: Int32Array } {
  const random = new Random(5);
  const data = new Float32Array(2 * n);
  const labels = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const label = i % 2;
    let [u, v] = [2, 2];
    while (u * u + v * v > 1 || v === 0) [u, v] = [2 * random.uniform() - 1, random.uniform()];
    const r = Math.sqrt(u * u + v * v);
    data[2 * i] = (label ? 1 - u / r : u / r) + 0.1 * random.normal();
    data[2 * i + 1] = (label ? 0.5 - v / r : v / r) + 0.1 * random.normal();
    labels[i] = label;
  }
  return { X: new Matrix(data, n, 2), labels };
}

/** Sparse rows: their class is the third of the columns that holds most. */
function pixels(n: number, d: number): { X: Matrix; labels: Int32Array } {
  const random = new Random(6);
  const labels = Int32Array.from({ length: n }, () => random.integer(3));
  const data = Float32Array.from({ length: n * d }, (_, at) => {
    const mine = Math.floor(((at % d) * 3) / d) === labels[Math.floor(at / d)];
    return random.uniform() < (mine ? 0.5 : 0.1) ? random.uniform() : 0;
  });
  return { X: new Matrix(data, n, d), labels };
}

/** SHA-256 of the parameters and the loss curve, shortened. */
async function digest({ layers, lossCurve }: MlpClassifier): Promise<string> {
  const parts = [...layers.flatMap(({ weights, bias }) => [weights.data, bias]), lossCurve];
  const numbers = Float64Array.from(parts.flatMap((part) => Array.from(part as Float64Array)));
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', numbers));
  return Array.from(hash.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

test('by hand: two features, no hidden layer, one step of gradient descent', async () => {
  // One row x = (1, 2) of class 1 and one x = (1, 2) of class 0 give p and the gradient x·(p − ½) on average, whatever
  // the start; so weights move by −rate x (p₀ − ½) and the bias by −rate (p₀ − ½).
  const X = [
    [1, 2],
    [1, 2],
  ];
  const options: MlpClassifierOptions = { hiddenLayers: [], batchSize: 2, seed: 3 };
  const rate = (learningRate: number) => ({ name: 'sgd' as const, learningRate, momentum: 0 });
  const before = await mlpClassifier(X, [0, 1], { ...options, epochs: 1, optimizer: rate(1e-30) });
  const after = await mlpClassifier(X, [0, 1], { ...options, epochs: 1, optimizer: rate(0.5) });
  const p = before.predictProba(X).data[0]!;
  const [w, b] = [before.layers[0]!.weights.data, before.layers[0]!.bias];
  const expected = [1, -1, 2, -2].map((x, i) => w[i]! - 0.5 * x * (p - 0.5));
  after.layers[0]!.weights.data.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 6);
  });
  expect(after.layers[0]!.bias[0]).toBeCloseTo(b[0]! - 0.5 * (p - 0.5), 6);
  expect(after.layers[0]!.bias[1]).toBeCloseTo(b[1]! + 0.5 * (p - 0.5), 6);
  // the loss is ½(−log p − log(1 − p)), before the step
  expect(after.lossCurve[0]).toBeCloseTo(-0.5 * (Math.log(p) + Math.log(1 - p)), 6);
});

/** What one epoch of softmax regression reads of X at a rate so small that the network stays as it was. */
async function meanLosses(X: Matrix, labels: number[], options: MlpClassifierOptions): Promise<Float64Array> {
  const optimizer = { name: 'sgd', learningRate: 1e-30 } as const;
  return (await mlpClassifier(X, labels, { hiddenLayers: [], optimizer, ...options })).lossCurve;
}

test.each(['dense', 'sparse'])(
  'by hand: every epoch moves every image anew and uniformly, %s',
  async (form) => {
    // One bright pixel in the middle of 3 × 3 goes to each of the nine places equally often, its channels together; the
    // same images already moved, each to every place, lose the same on average.
    const background = form === 'dense' ? 1e-30 : 0;
    const image = (place: number) =>
      Array.from({ length: 18 }, (_, at) => (at >> 1 === place ? (at % 2 ? 5 : 3) : background));
    const nine = Matrix.from(Array.from({ length: 18 }, (_, i) => image(i % 9)));
    const middle = Matrix.from(Array.from({ length: 18 }, () => image(4)));
    const labels = Array.from({ length: 18 }, (_, i) => (i < 9 ? 0 : 1));
    const [expected] = await meanLosses(nine, labels, { epochs: 1, seed: 2 });
    const losses = await meanLosses(middle, labels, { epochs: 400, seed: 2, augment: { shape: [3, 3, 2] } });
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    const variance = losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / losses.length;
    expect(new Set(losses).size).toBeGreaterThan(390);
    expect(Math.abs(mean - expected!)).toBeLessThan(5 * Math.sqrt(variance / losses.length));
    const [still] = await meanLosses(middle, labels, { epochs: 1, seed: 2 });
    expect(Math.abs(still! - expected!)).toBeGreaterThan(10 * Math.sqrt(variance / losses.length));
  },
);

test('what augmentation moves is learned in places where it never was', async () => {
  // A bright line is upright or level; in training it always crosses the middle of 5 × 5.
  const line = (upright: boolean, place: number) =>
    Array.from({ length: 25 }, (_, at) => ((upright ? at % 5 : Math.floor(at / 5)) === place ? 1 : 0));
  const pair = (place: number) => [line(true, place), line(false, place)];
  const options: MlpClassifierOptions = {
    hiddenLayers: [16],
    optimizer: { name: 'adam', learningRate: 0.01 },
    epochs: 300,
  };
  const aside = [...pair(1), ...pair(3)];
  const moved = await mlpClassifier(pair(2), [1, 0], { ...options, augment: { shape: [5, 5] } });
  const fixed = await mlpClassifier(pair(2), [1, 0], options);
  const lossOn = (model: MlpClassifier) =>
    aside.reduce((sum, row, i) => sum - Math.log(model.predictProba([row]).data[1 - (i % 2)]!), 0) / 4;
  expect(moved.score(aside, [1, 0, 1, 0])).toBe(1);
  expect(lossOn(moved)).toBeLessThan(0.1);
  expect(lossOn(fixed)).toBeGreaterThan(5 * lossOn(moved));
});

test('XOR is learned', async () => {
  const X = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ];
  const labels = [-5, 9, 9, -5];
  const model = await mlpClassifier(X, labels, {
    hiddenLayers: [8],
    optimizer: { name: 'adam', learningRate: 0.05 },
    epochs: 200,
    batchSize: 4,
  });
  expect(Array.from(model.classes)).toEqual([-5, 9]);
  expect(Array.from(model.predict(X))).toEqual(labels);
  expect(model.score(X, labels)).toBe(1);
  expect(model.lossCurve.at(-1)).toBeLessThan(0.05);
});

test.each(['constant', 'cosine'] as const)('two moons are told apart, %s schedule', async (schedule) => {
  const { X, labels } = moons(301);
  const model = await mlpClassifier(X, labels, {
    hiddenLayers: [16, 16],
    optimizer: { name: 'sgd', learningRate: 0.1 },
    schedule,
    epochs: 40,
  });
  expect(model.score(X, labels)).toBeGreaterThan(0.97);
  expect(model.lossCurve.at(-1)).toBeLessThan(model.lossCurve[0]! / 4);
});

test.each([
  ['dense, sgd', moons(203), { optimizer: { name: 'sgd', learningRate: 0.05 } }],
  [
    'dense, adam, cosine',
    moons(203),
    { optimizer: { name: 'adam', learningRate: 0.01 }, schedule: 'cosine' },
  ],
  ['sparse, sgd', pixels(203, 45), { optimizer: { name: 'sgd', learningRate: 0.05 } }],
  [
    'sparse, augmented, adam',
    pixels(203, 45),
    { optimizer: { name: 'adam', learningRate: 0.01 }, augment: { shape: [5, 3, 3], shift: 2 } },
  ],
] as const)('%s: the same bits for 0, 1 and 2 workers, in Node and in Chromium', async (_, data, options) => {
  const fit = (seed: number, workers: number) =>
    mlpClassifier(data.X, data.labels, { hiddenLayers: [19, 7], epochs: 3, ...options, seed, workers });
  const digests = [];
  for (const workers of [0, 1, 2]) digests.push(await digest(await fit(1, workers)));
  expect(new Set(digests).size).toBe(1);
  expect(digests[0]).toMatchSnapshot();
  expect(await digest(await fit(2, 0))).not.toBe(digests[0]);
});

test('a value that is barely not zero makes rows dense and changes next to nothing', async () => {
  const { X, labels } = pixels(120, 45);
  const filled = new Matrix(X.data.map((value) => value || 1e-30) as Float32Array, X.rows, X.cols);
  const options: MlpClassifierOptions = { hiddenLayers: [10], epochs: 2 };
  const augment = { shape: [5, 9] };
  const sparse = await mlpClassifier(X, labels, options);
  const dense = await mlpClassifier(filled, labels, options);
  expect(Array.from(dense.lossCurve)).toEqual(Array.from(sparse.lossCurve));
  const sparseMoved = await mlpClassifier(X, labels, { ...options, augment });
  const denseMoved = await mlpClassifier(filled, labels, { ...options, augment });
  expect(Array.from(denseMoved.lossCurve)).toEqual(Array.from(sparseMoved.lossCurve));
  expect(sparseMoved.lossCurve[0]).not.toBe(sparse.lossCurve[0]);
  expect(dense.logits(filled).data).toEqual(sparse.logits(X).data);
  expect(sparse.logits(filled).data).toEqual(sparse.logits(X).data);
});

test('activations agree with each other, with logits, probabilities and predictions', async () => {
  const { X, labels } = pixels(150, 20);
  const model = await mlpClassifier(X, labels, { hiddenLayers: [9, 4], epochs: 2 });
  const { before, after } = model.activations(X);
  expect(before.map(({ shape }) => shape)).toEqual([
    [150, 9],
    [150, 4],
    [150, 3],
  ]);
  expect(after.map(({ shape }) => shape)).toEqual([
    [150, 9],
    [150, 4],
    [150, 3],
  ]);
  for (const l of [0, 1]) expect(after[l]!.data).toEqual(before[l]!.data.map((value) => Math.max(value, 0)));
  expect(model.logits(X).data).toEqual(before[2]!.data);
  expect(model.predictProba(X).data).toEqual(after[2]!.data);
  const predicted = model.predict(X);
  for (let i = 0; i < 150; i++) {
    const row = Array.from(after[2]!.row(i));
    expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 6);
    expect(predicted[i]).toBe(model.classes[row.indexOf(Math.max(...row))]);
  }
  // the second layer, from the first's output
  const { weights, bias } = model.layers[1]!;
  for (const i of [0, 63, 64, 149])
    for (let j = 0; j < 4; j++) {
      let sum = bias[j]!;
      for (let k = 0; k < 9; k++) sum += after[0]!.row(i)[k]! * weights.row(k)[j]!;
      expect(before[1]!.row(i)[j]).toBeCloseTo(sum, 5);
    }
});

test('float64, 8-bit and tensor input give the bits of float32', async () => {
  const random = new Random(8);
  const bytes = Uint8Array.from({ length: 40 * 6 }, () => random.integer(4));
  const labels = Array.from({ length: 40 }, (_, i) => i % 2);
  const options: MlpClassifierOptions = { hiddenLayers: [5], epochs: 2, batchSize: 7 };
  const first = await mlpClassifier(new Matrix(Float32Array.from(bytes), 40, 6), labels, options);
  for (const X of [
    { data: bytes, shape: [40, 6] },
    { data: Float64Array.from(bytes), dims: [40, 6] },
  ]) {
    const model = await mlpClassifier(X, labels, options);
    expect(await digest(model)).toBe(await digest(first));
    expect(model.logits(X).data).toEqual(first.logits(X).data);
  }
});

test('a model survives JSON to the bit, and its fields cannot be replaced', async () => {
  const { X, labels } = moons(50);
  const model = await mlpClassifier(X, labels, { hiddenLayers: [6], epochs: 1 });
  const copy = MlpClassifier.fromJSON(JSON.parse(JSON.stringify(model)));
  expect(await digest(copy)).toBe(await digest(model));
  expect(copy.logits(X).data).toEqual(model.logits(X).data);
  expect(copy.classes).toEqual(model.classes);
  expect(Object.isFrozen(model) && Object.isFrozen(model.layers) && Object.isFrozen(model.layers[0])).toBe(
    true,
  );
});
