import { checkOptions, describe, shaped } from '../../check.ts';
import { PcaModel } from '../../decompose/pca.ts';
import { type FittedPipeline, pipelineReader } from '../../pipeline/pipeline.ts';
import type { StepModel } from '../../pipeline/step.ts';
import { StandardScalerModel } from '../../preprocess/standardScaler.ts';
import { type Reader, SavedReader } from '../../serialize.ts';
import { Detector, type DetectorKind, type InnerReader } from '../detectors/base/detector.ts';
import { combineKind } from '../detectors/combine.ts';
import { fdbdKind, nciKind, sheKind } from '../detectors/directions.ts';
import {
  classGaussiansKind,
  mahalanobisKind,
  mixtureDetectorKind,
  relativeMahalanobisKind,
} from '../detectors/gaussians.ts';
import { knnKind } from '../detectors/knn.ts';
import {
  energyKind,
  entropyKind,
  generalizedEntropyKind,
  klMatchingKind,
  maxLogitKind,
  maxSoftmaxKind,
} from '../detectors/logits.ts';
import { preparedKind } from '../detectors/prepared.ts';
import { ashKind, diceKind, reactKind, scaleKind } from '../detectors/reshape.ts';
import { pcaResidualKind, residualKind, vimKind } from '../detectors/subspace.ts';
import { AutoGuard, autoGuardKind } from './auto/autoGuard.ts';

/** A kind of detector, whatever its parts are. */
// biome-ignore lint/suspicious/noExplicitAny: a kind gives to its own `score` what its own `read` made
export type AnyDetectorKind = DetectorKind<any>;

export interface DetectorFromJSONOptions {
  /** Kinds of detectors that are not Cauda's own; none may have the name of another. */
  kinds?: readonly AnyDetectorKind[];
  /** Readers of steps that may prepare views, besides scaler and PCA. */
  steps?: readonly Reader<StepModel>[];
}

type Read = (saved: SavedReader, inner: InnerReader) => Detector;

const entry = <Parts extends object>(kind: DetectorKind<Parts>): [string, Read] => [
  kind.name,
  (saved, inner) => Detector.of(kind, kind.read(saved, inner)),
];

/** How Cauda's own detectors are read. */
const builtIn: ReadonlyMap<string, Read> = new Map([
  entry(maxSoftmaxKind),
  entry(maxLogitKind),
  entry(energyKind),
  entry(entropyKind),
  entry(generalizedEntropyKind),
  entry(klMatchingKind),
  entry(mahalanobisKind),
  entry(relativeMahalanobisKind),
  entry(classGaussiansKind),
  entry(mixtureDetectorKind),
  entry(knnKind),
  entry(residualKind),
  entry(vimKind),
  entry(pcaResidualKind),
  entry(sheKind),
  entry(nciKind),
  entry(fdbdKind),
  entry(reactKind),
  entry(ashKind),
  entry(scaleKind),
  entry(diceKind),
  entry(combineKind),
  entry(preparedKind),
  [autoGuardKind.name, (saved, inner) => new AutoGuard(autoGuardKind.read(saved, inner))],
]);

/** Detectors inside detectors, so deep, are refused. */
const DEEPEST = 8;

const who = 'detectorFromJSON';

/**
 * The detector that `toJSON` saved, with the same bits. Every field is checked; nothing in it is ever run.
 *
 *     detectorFromJSON(saved, { kinds: [myKind] })
 * @throws TypeError or RangeError, naming the field, for anything else
 */
export function detectorFromJSON(value: unknown, options: DetectorFromJSONOptions = {}): Detector {
  const { kinds, steps } = checkOptions(who, options, rules, { kinds: [], steps: [] });
  const readers = kinds.length ? readersWith(kinds) : builtIn;
  const pipelines = pipelineReader([StandardScalerModel, PcaModel, ...steps]);
  return read(value, readers, pipelines, 0);
}

/** Detectors as one format among those of other models. */
export const detectorReader: Reader<Detector> = {
  format: 'cauda.detector',
  fromJSON: (value) => detectorFromJSON(value),
};

function read(
  value: unknown,
  readers: ReadonlyMap<unknown, Read>,
  pipelines: Reader<FittedPipeline>,
  depth: number,
): Detector {
  const saved = new SavedReader(who, value, detectorReader.format, 2);
  const named = readers.get(saved.field('detector'));
  if (!named)
    throw new RangeError(
      `${who}: detector must be one of ${[...readers.keys()].join(', ')}; got ${describe(saved.field('detector'))}; give detectors of your own as the option kinds`,
    );
  if (depth > DEEPEST)
    throw new RangeError(`${who}: detectors inside detectors must be at most ${DEEPEST} deep`);
  return named(saved, {
    detector: (inner) => read(inner, readers, pipelines, depth + 1),
    pipeline: (inner) => pipelines.fromJSON(inner),
  });
}

const isKind = (kind: unknown): boolean => {
  const { name, score, read } = (kind ?? {}) as Partial<AnyDetectorKind>;
  return typeof name === 'string' && typeof score === 'function' && typeof read === 'function';
};

const isReader = (reader: unknown): boolean => {
  const { format, fromJSON } = (reader ?? {}) as Partial<Reader<StepModel>>;
  return typeof format === 'string' && typeof fromJSON === 'function';
};

const rules = {
  kinds: shaped(
    'an array of kinds of detectors, { name, score, read }',
    (value) => Array.isArray(value) && value.every(isKind),
  ),
  steps: shaped(
    'an array of readers, { format, fromJSON }, such as [KMeansModel]',
    (value) => Array.isArray(value) && value.every(isReader),
  ),
};

/** The built-in readers and those of other kinds, whose names are their own. */
function readersWith(kinds: readonly AnyDetectorKind[]): ReadonlyMap<string, Read> {
  const readers = new Map(builtIn);
  for (const kind of kinds) {
    if (readers.has(kind.name))
      throw new RangeError(
        `${who}: kinds: the name ${describe(kind.name)} belongs to ${builtIn.has(kind.name) ? 'a detector of Cauda' : 'two of them'}; give yours another`,
      );
    readers.set(...entry(kind));
  }
  return readers;
}
