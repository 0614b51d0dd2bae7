import { describe } from '../../check.ts';
import { SavedReader } from '../../serialize.ts';
import { Detector, type DetectorKind } from '../detectors/base/detector.ts';
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
import { ashKind, diceKind, reactKind, scaleKind } from '../detectors/reshape.ts';
import { pcaResidualKind, residualKind, vimKind } from '../detectors/subspace.ts';
import { AutoGuard, autoGuardKind } from './autoGuard.ts';

type Reader = (saved: SavedReader, nested: (value: unknown) => Detector) => Detector;

const reader = <Parts extends object>(kind: DetectorKind<Parts>): [string, Reader] => [
  kind.name,
  (saved, nested) => Detector.of(kind, kind.read(saved, nested)),
];

const readers: ReadonlyMap<unknown, Reader> = new Map([
  reader(maxSoftmaxKind),
  reader(maxLogitKind),
  reader(energyKind),
  reader(entropyKind),
  reader(generalizedEntropyKind),
  reader(klMatchingKind),
  reader(mahalanobisKind),
  reader(relativeMahalanobisKind),
  reader(classGaussiansKind),
  reader(mixtureDetectorKind),
  reader(knnKind),
  reader(residualKind),
  reader(vimKind),
  reader(pcaResidualKind),
  reader(sheKind),
  reader(nciKind),
  reader(fdbdKind),
  reader(reactKind),
  reader(ashKind),
  reader(scaleKind),
  reader(diceKind),
  reader(combineKind),
  [autoGuardKind.name, (saved, nested) => new AutoGuard(autoGuardKind.read(saved, nested))],
]);

/** Combinations of combinations, so deep, are refused. */
const DEEPEST = 8;

/**
 * The detector that `toJSON` saved, with the same bits. Every field is checked; nothing in it is ever run.
 * @throws TypeError or RangeError, naming the field, for anything else
 */
export function detectorFromJSON(value: unknown): Detector {
  return read(value, 0);
}

function read(value: unknown, depth: number): Detector {
  const who = 'detectorFromJSON';
  const saved = new SavedReader(who, value, 'cauda.detector', 1);
  const named = readers.get(saved.field('detector'));
  if (!named)
    throw new RangeError(
      `${who}: detector must be one of ${[...readers.keys()].join(', ')}; got ${describe(saved.field('detector'))}`,
    );
  if (depth > DEEPEST) throw new RangeError(`${who}: combinations must be at most ${DEEPEST} deep`);
  return named(saved, (inner) => read(inner, depth + 1));
}
