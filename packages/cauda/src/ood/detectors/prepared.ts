import { checkOptions, controlRules, describe } from '../../check.ts';
import type { Matrix } from '../../matrix.ts';
import type { FitControl } from '../../parallel/session.ts';
import type { Views } from '../../views.ts';
import { Detector, type DetectorKind, detectorOf } from './base/detector.ts';
import {
  fitView,
  type Preparation,
  type PreparedView,
  pooledViews,
  prepareView,
  prepareViews,
  readPreparation,
} from './preparation.ts';

/** Training rows after their preparation: matrices in place of the views, everything else as it was. */
export type Prepared<Training extends Views> = {
  [Name in keyof Training]: Name extends 'features' | 'logits'
    ? Matrix
    : Name extends 'layers'
      ? readonly Matrix[]
      : Training[Name];
};

interface Parts {
  readonly preparation: readonly PreparedView[];
  /** What reads the prepared views. */
  readonly behind: Detector;
}

export const preparedKind: DetectorKind<Parts> = {
  name: 'prepared',
  score: ({ preparation, behind }, views) => behind.score(prepareViews('prepared.score', preparation, views)),
  examine: ({ preparation, behind }, views) =>
    behind.examine(prepareViews('prepared.examine', preparation, views)),
  classes: ({ behind }) => behind.classes,
  read: (saved, inner) => ({
    preparation: readPreparation(saved, inner),
    behind: inner.detector(saved.field('behind')),
  }),
};

/**
 * A detector behind a preparation that is fitted and saved with it: steps of a pipeline for each view, such as a scaler
 * and principal components, and before them the mean over the positions of feature maps.
 *
 *     const detector = await prepared(
 *       { features, labels },
 *       { features: [standardScalerStep(), pcaStep({ nComponents: 20 })] },
 *       (training) => mahalanobis(training),
 *     );
 *     detector.score({ features })
 * @param training views, and whatever else the detector's factory takes, such as labels
 * @param preparation the steps of each view; of views without steps only maps are pooled
 * @param fit makes the detector of the prepared training rows
 * @throws TypeError or RangeError for views, steps or options that make no sense; what the steps and the factory throw;
 *   the signal's reason when aborted
 */
export async function prepared<Training extends Views>(
  training: Training,
  preparation: Preparation,
  fit: (training: Prepared<Training>) => Detector | Promise<Detector>,
  options: FitControl = {},
): Promise<Detector> {
  const who = 'prepared';
  const control = checkOptions(who, options, controlRules, {});
  if (typeof training !== 'object' || training === null)
    throw new TypeError(`${who}: expected views of the training rows; got ${describe(training)}`);
  if (typeof fit !== 'function')
    throw new TypeError(`${who}: expected a function that makes the detector; got ${describe(fit)}`);
  const fitted: PreparedView[] = [];
  const rows: Views = { ...training };
  const layers: Matrix[] = [];
  for (const view of pooledViews(who, training, preparation)) {
    const one = await fitView(view, view.matrix, control);
    if (one) fitted.push(one);
    const matrix = one ? prepareView(who, one, view.matrix) : view.matrix;
    if (view.view === 'layers') layers[view.index] = matrix;
    else Object.assign(rows, { [view.view]: matrix });
  }
  if (training.layers) Object.assign(rows, { layers });
  const behind = await fit(rows as Prepared<Training>);
  if (!(behind instanceof Detector))
    throw new TypeError(`${who}: the function must make a detector; got ${describe(behind)}`);
  return detectorOf(preparedKind, { preparation: Object.freeze(fitted), behind });
}
