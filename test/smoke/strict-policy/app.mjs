// The page's script: a fit that would use workers if the page let it.
import { kmeans, Matrix, Random } from 'cauda';

async function fit() {
  const random = new Random(1);
  const data = Float32Array.from(
    { length: 300_000 },
    (_, at) => 20 * (Math.floor(at / 10) % 3) + random.normal(),
  );
  const X = new Matrix(data, 30_000, 10);
  const options = { nClusters: 3, maxIter: 5 };
  const [alone, byDefault] = [await kmeans(X, { ...options, workers: 0 }), await kmeans(X, options)];
  const refused = await kmeans(X, { ...options, workers: 2 }).catch((error) => error.message);
  return {
    sizes: Array.from(byDefault.sizes),
    same: JSON.stringify(alone) === JSON.stringify(byDefault),
    refused,
  };
}

globalThis.outcome = fit();
