import { expect, test } from 'vitest';
import { standardScaler } from '../preprocess/standardScaler.ts';
import { Random } from '../random.ts';
import { pca } from './pca.ts';

/** FNV-1a over the bytes. */
function digest(...arrays: (Float64Array | Float32Array)[]): string {
  let hash = 0x811c9dc5;
  for (const { buffer, byteOffset, byteLength } of arrays)
    for (const byte of new Uint8Array(buffer, byteOffset, byteLength))
      hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}

test.each([
  ['float64', Float64Array, '11df81df', 'f9af3309'],
  ['float32', Float32Array, '18940081', '76ab32a5'],
] as const)('scaler and PCA in %s have the same bits everywhere', async (_, Floats, scaled, projected) => {
  const random = new Random(11);
  const data = new Floats(300 * 21).map((_, at) => (1 + (at % 21)) * random.normal() + (at % 5));
  const X = { data, shape: [300, 21] };
  const scaler = await standardScaler(X);
  const Z = scaler.transform(X);
  const model = await pca(Z, { nComponents: 0.9, whiten: true });
  const coordinates = model.transform(Z);
  const { components, explainedVariance } = model;
  const back = model.inverseTransform(coordinates);
  expect([
    digest(scaler.mean, scaler.scale, Z.data),
    digest(components.data, explainedVariance, coordinates.data, back.data, model.scoreSamples(Z)),
  ]).toEqual([scaled, projected]);
});
