// The page's script: three far groups, fitted in the page and with two workers.
import { kmeans, Matrix, Random } from 'cauda';

async function fit() {
  const random = new Random(1);
  const data = Float32Array.from(
    { length: 6000 },
    (_, at) => 20 * (Math.floor(at / 2) % 3) + random.normal(),
  );
  const X = new Matrix(data, 3000, 2);
  const [alone, shared] = [
    await kmeans(X, { nClusters: 3, workers: 0 }),
    await kmeans(X, { nClusters: 3, workers: 2 }),
  ];
  return { sizes: Array.from(shared.sizes), same: JSON.stringify(alone) === JSON.stringify(shared) };
}

globalThis.outcome = fit();
