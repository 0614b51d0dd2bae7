import type { GaussianMixtureCandidate } from './candidate.ts';

/**
 * What chooses: the Bayesian or Akaike's information criterion, the integrated completed likelihood, or the mean
 * log-density of rows that were held out of the fit.
 */
export type SelectGaussianMixtureCriterion = 'bic' | 'aic' | 'icl' | 'heldOut';

/** What is compared, the larger being the better. */
export function merit(
  criterion: SelectGaussianMixtureCriterion,
  candidate: GaussianMixtureCandidate,
): number {
  switch (criterion) {
    case 'heldOut':
      return candidate.heldOut;
    case 'bic':
    case 'aic':
    case 'icl':
      return -candidate[criterion];
    default:
      return criterion satisfies never;
  }
}

/** Why the best candidate is the best, in a few sentences. */
export function reasonFor(
  criterion: SelectGaussianMixtureCriterion,
  best: GaussianMixtureCandidate,
  candidates: readonly GaussianMixtureCandidate[],
): string {
  const held = criterion === 'heldOut';
  const say = (one: GaussianMixtureCandidate) => one[criterion].toFixed(held ? 4 : 1);
  const name = ({ nComponents, covarianceType }: GaussianMixtureCandidate) =>
    `${nComponents} ${nComponents === 1 ? 'component' : 'components'} of type "${covarianceType}"`;
  const others = candidates.filter((one) => one !== best && one.failure === undefined);
  const [next] = others.sort((a, b) => merit(criterion, b) - merit(criterion, a));
  const what = held
    ? 'the mean log-density of held-out rows is highest'
    : `${criterion.toUpperCase()} is lowest`;
  const sentences = [
    `Of ${candidates.length} candidates ${what} with ${name(best)}: ${say(best)}${next ? `; next is ${name(next)}: ${say(next)}` : ''}.`,
  ];
  const failed = candidates.filter((one) => one.failure !== undefined).length;
  if (failed) sentences.push(`${failed} could not be fitted.`);
  if (!best.converged) sentences.push('EM had not converged: raise maxIter.');
  const counts = candidates.map(({ nComponents }) => nComponents);
  if (Math.min(...counts) < best.nComponents && best.nComponents === Math.max(...counts))
    sentences.push('That is the largest number that was tried: try more.');
  return sentences.join(' ');
}
