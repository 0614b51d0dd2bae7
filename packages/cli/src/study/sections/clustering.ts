import {
  adjustedRandScore,
  type KMeansModel,
  kmeans,
  Matrix,
  normalizedMutualInfoScore,
  purityScore,
  Random,
  type StandardScalerModel,
  standardScaler,
} from 'cauda';
import { imageAt, pixels } from '../../data/images.ts';
import { bestRun, clusteringAnswer, majorities } from '../../result/answers/clustering.ts';
import type { ClusteringRun, ClusteringSection, Start } from '../../result/sections/clustering.ts';
import { duration, fixed, percent } from '../../text/format.ts';
import { row } from '../../text/row.ts';
import { timed } from '../../timed.ts';
import { picture } from '../picture.ts';
import type { Study } from '../study.ts';

const N_CLUSTERS = 10;
const widths = [-12, 14, 5, 7, 7, 7, 10];

/** Clusters standardized pixels by K-means, from three kinds of start. */
export async function clusteringSection(study: Study): Promise<Omit<ClusteringSection, 'seconds'>> {
  const unit = pixels(study.train, 255);
  const scaler = await standardScaler(unit, study.control('standardizing pixels'));
  const X = scaler.transform(unit);
  const { restarts } = study.options;
  const starts: [Start, 'random' | 'k-means++' | Matrix][] = [
    ['random', 'random'],
    ['k-means++', 'k-means++'],
    ['class means', classMeans(X, study.train.labels)],
  ];

  study.print(row(['start', 'inertia', 'iter', 'purity', 'ARI', 'NMI', 'time'], widths));
  const runs: ClusteringRun[] = [];
  for (const [start, init] of starts) {
    const nInit = typeof init === 'string' ? restarts : 1;
    const { model, seconds } = await timed(() =>
      kmeans(X, { nClusters: N_CLUSTERS, init, nInit, ...study.control(`K-means, ${start} start`) }),
    );
    const run = { start, restarts: nInit, seconds, ...describe(study, scaler, model) };
    runs.push(run);
    study.print(
      row(
        [
          start,
          fixed(run.inertia, 0),
          run.nIter,
          fixed(run.purity, 3),
          fixed(run.adjustedRand, 3),
          fixed(run.normalizedMutualInfo, 3),
          duration(seconds),
        ],
        widths,
      ),
    );
  }
  const section = { rows: X.rows, nClusters: N_CLUSTERS, runs };
  const best = bestRun(section);
  study.print(`  clusters of the lowest inertia, from ${best.start} (rows) by digit (columns):`);
  const leaders = majorities(best);
  best.table.forEach((counts, cluster) => {
    const { digit, share } = leaders[cluster]!;
    study.print(
      row([cluster, ...counts, `${percent(share, 0)} are ${digit}`], [2, ...counts.map(() => 5), 13]),
    );
  });
  study.print(`  Are similar images grouped together? ${clusteringAnswer(section)}`);
  return section;
}

/** Everything that the result has of a clustering but its start and its time. */
function describe(
  { train, options }: Study,
  scaler: StandardScalerModel,
  { centers, labels, inertia, nIter, converged }: KMeansModel,
): Omit<ClusteringRun, 'start' | 'restarts' | 'seconds'> {
  const digits = train.labels;
  const table = Array.from({ length: N_CLUSTERS }, () => new Array<number>(10).fill(0));
  labels.forEach((cluster, i) => {
    table[cluster]![digits[i]!]! += 1;
  });
  const inPixels = scaler.inverseTransform(centers);
  const random = new Random(options.seed);
  const clusters = Array.from({ length: N_CLUSTERS }, (_, cluster) => {
    const members = Array.from(labels.keys()).filter((i) => labels[i] === cluster);
    const chosen = Array.from(
      random.stream(cluster).choice(members.length, Math.min(9, members.length)),
      (place) => members[place]!,
    );
    return {
      center: picture([inPixels.row(cluster).map((value) => value * 255)], [`center ${cluster}`], 1),
      members: picture(
        chosen.map((i) => imageAt(train, i)),
        chosen.map((i) => String(digits[i])),
        3,
      ),
    };
  });
  return {
    inertia,
    nIter,
    converged,
    purity: purityScore(digits, labels),
    adjustedRand: adjustedRandScore(digits, labels),
    normalizedMutualInfo: normalizedMutualInfoScore(digits, labels),
    table,
    clusters,
  };
}

/** The mean row of each digit. */
function classMeans(X: Matrix, labels: Uint8Array): Matrix {
  const sums = new Float64Array(N_CLUSTERS * X.cols);
  const counts = new Float64Array(N_CLUSTERS);
  for (let i = 0; i < X.rows; i++) {
    const digit = labels[i]!;
    const values = X.row(i);
    counts[digit]!++;
    for (let j = 0; j < X.cols; j++) sums[digit * X.cols + j]! += values[j]!;
  }
  return new Matrix(
    Float32Array.from(sums, (sum, index) => sum / counts[Math.floor(index / X.cols)]!),
    N_CLUSTERS,
    X.cols,
  );
}
