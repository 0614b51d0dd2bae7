import { expect, test } from 'vitest';
import { takers } from './tags.ts';

test('takers names the estimators in words', () => {
  expect(takers('sparse')).toBe('kmeans and kmeansPlusPlus');
  expect(takers('missing')).toBe(
    'kmeans, selectKMeans, gapStatistic, gaussianMixture and selectGaussianMixture',
  );
});
