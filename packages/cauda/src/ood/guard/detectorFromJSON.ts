import { checkOptions, describe, shaped } from '../../check.ts';
import { PcaModel } from '../../decompose/pca.ts';
import { FittedPipeline, pipelineReader } from '../../pipeline/pipeline.ts';
import type { StepModel } from '../../pipeline/step.ts';
import { StandardScalerModel } from '../../preprocess/standardScaler.ts';
import { type Reader, SavedReader } from '../../serialize.ts';
import type { BuiltInName } from '../detectors/base/builtInNames.ts';
import { Detector, type DetectorKind, detectorOf, type InnerReader } from '../detectors/base/detector.ts';
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

const reader =
  <Parts extends object>(kind: DetectorKind<Parts>): Read =>
  (saved, inner) =>
    detectorOf(kind, kind.read(saved, inner));

/** How Cauda's own detectors are read: one that has no line here does not compile. */
const readers: Readonly<Record<BuiltInName, Read>> = {
  maxSoftmax: reader(maxSoftmaxKind),
  maxLogit: reader(maxLogitKind),
  energy: reader(energyKind),
  entropy: reader(entropyKind),
  generalizedEntropy: reader(generalizedEntropyKind),
  klMatching: reader(klMatchingKind),
  mahalanobis: reader(mahalanobisKind),
  relativeMahalanobis: reader(relativeMahalanobisKind),
  classGaussians: reader(classGaussiansKind),
  mixtureDetector: reader(mixtureDetectorKind),
  knn: reader(knnKind),
  residual: reader(residualKind),
  vim: reader(vimKind),
  pcaResidual: reader(pcaResidualKind),
  she: reader(sheKind),
  nci: reader(nciKind),
  fdbd: reader(fdbdKind),
  react: reader(reactKind),
  ash: reader(ashKind),
  scale: reader(scaleKind),
  dice: reader(diceKind),
  combine: reader(combineKind),
  prepared: reader(preparedKind),
  autoGuard: (saved, inner) => new AutoGuard(autoGuardKind.read(saved, inner)),
};
const builtIn: ReadonlyMap<string, Read> = new Map(Object.entries(readers));

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
  return read(value, kinds.length ? readersWith(kinds) : builtIn, pipelinesOf(steps), 0);
}

/** Detectors as one format among those of other models. */
export const detectorReader: Reader<Detector> = {
  format: 'cauda.detector',
  fromJSON: (value) => detectorFromJSON(value),
};

function read(
  value: unknown,
  known: ReadonlyMap<unknown, Read>,
  pipelines: InnerReader['pipeline'],
  depth: number,
): Detector {
  const saved = new SavedReader(who, value, detectorReader.format, 2);
  const named = known.get(saved.field('detector'));
  if (!named)
    throw new RangeError(
      `${who}: detector must be one of ${[...known.keys()].join(', ')}; got ${describe(saved.field('detector'))}; for a detector of your own give its kind to loadGuard or detectorFromJSON, { kinds: [kind] }`,
    );
  if (depth > DEEPEST)
    throw new RangeError(`${who}: detectors inside detectors must be at most ${DEEPEST} deep`);
  return named(saved, {
    detector: (inner) => read(inner, known, pipelines, depth + 1),
    pipeline: pipelines,
  });
}

/** Reads the pipelines that prepare views, of scalers, PCA and steps that the given readers know. */
function pipelinesOf(steps: readonly Reader<StepModel>[]): InnerReader['pipeline'] {
  const all = [StandardScalerModel, PcaModel, ...steps];
  const formats = [...all.map(({ format }) => format), FittedPipeline.format];
  const reader = pipelineReader(all);
  const checkSteps = (saved: unknown): void => {
    const { steps } = (saved ?? {}) as { steps?: unknown };
    for (const step of Array.isArray(steps) ? (steps as unknown[]) : []) {
      const { format } = (step ?? {}) as { format?: unknown };
      if (typeof format === 'string' && !formats.includes(format))
        throw new TypeError(
          `${who}: a view is prepared by a step that was saved as ${describe(format)}; give its reader to loadGuard or detectorFromJSON, { steps: [reader] }`,
        );
      checkSteps(step);
    }
  };
  return (saved) => {
    checkSteps(saved);
    return reader.fromJSON(saved);
  };
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
  const all = new Map(builtIn);
  for (const kind of kinds) {
    if (all.has(kind.name))
      throw new RangeError(
        `${who}: kinds: the name ${describe(kind.name)} belongs to ${builtIn.has(kind.name) ? 'a detector of Cauda' : 'two of them'}; give yours another`,
      );
    all.set(kind.name, (saved, inner) => Detector.of(kind, kind.read(saved, inner)));
  }
  return all;
}
