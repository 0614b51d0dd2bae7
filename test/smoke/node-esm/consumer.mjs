// Fits with workers, saves, loads and compares; and every sub-path of the package can be imported.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { KMeansModel, kmeans, Matrix, Random } from 'cauda';

const random = new Random(1);
const data = Float64Array.from({ length: 4000 * 3 }, (_, at) => 5 * (at % 4) + random.normal());
const X = new Matrix(data, 4000, 3);
const model = await kmeans(X, { nClusters: 4, nInit: 3, workers: 2 });
assert.deepEqual(await kmeans(X, { nClusters: 4, nInit: 3, workers: 0 }), model);

await writeFile('model.json', JSON.stringify(model));
const again = KMeansModel.fromJSON(JSON.parse(await readFile('model.json', 'utf8')));
assert.deepEqual(again, model);
assert.deepEqual(again.predict(X), model.labels);

const { exports } = JSON.parse(await readFile('node_modules/cauda/package.json', 'utf8'));
for (const path of Object.keys(exports)) {
  const names = Object.keys(await import(`cauda${path.slice(1)}`));
  assert.ok(names.length > 0, `cauda${path.slice(1)} exports nothing`);
}
