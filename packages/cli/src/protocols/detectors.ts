import type { FitControl } from 'cauda';
import {
  autoGuard,
  classGaussians,
  combine,
  type Detector,
  energy,
  knn,
  maxSoftmax,
  type Scorer,
} from 'cauda/ood';
import type { Training } from './network.ts';

/** How many rows `knn` keeps, from the first. */
const BANK = 5000;

/** The detectors that the protocols compare: the usual ones, with the options of their papers, and `autoGuard`. */
export async function usualDetectors(
  training: Training,
  control: FitControl,
): Promise<Record<string, Scorer>> {
  const { layers, labels } = training;
  const [first, last] = [layers[0]!, layers.at(-1)!];
  const gaussians = await classGaussians({ features: first, labels }, control);
  const bank = last.take(Array.from({ length: Math.min(BANK, last.rows) }, (_, i) => i));
  return {
    maxSoftmax: maxSoftmax(),
    energy: energy(),
    classGaussians: at(0, gaussians),
    knn: at(layers.length - 1, await knn({ features: bank }, { k: 50, normalize: true, ...control })),
    'classGaussians + energy': await combine(
      [{ detector: gaussians, layer: 0 }, energy()],
      training,
      control,
    ),
    autoGuard: await autoGuard(training, control),
  };
}

/** Makes a detector of one layer take the views of all layers. */
function at(layer: number, detector: Detector): Scorer {
  return { score: (input) => detector.score({ features: input.layers![layer]! }) };
}
