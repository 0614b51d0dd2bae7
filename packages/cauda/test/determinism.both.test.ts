import { describe, expect, test } from 'vitest';
import { digest } from './digest.ts';
import { dtypes, fits } from './fits.ts';

/**
 * Same seed, same bits: digests of whole fits, for any number of workers. Node and all browsers share one stored file
 * (__snapshots__); a change of it is a change of results and belongs in the CHANGELOG.
 */
const workerCounts = [0, 1, 2, 5];

describe.each(dtypes)('%s', (dtype) => {
  test.each(Object.entries(fits(dtype)))('%s: the same bits for 0, 1, 2 and 5 workers', async (_, fit) => {
    const digests = [];
    for (const workers of workerCounts) digests.push(await digest(await fit(workers)));
    expect(new Set(digests).size).toBe(1);
    expect(digests[0]).toMatchSnapshot();
  });
});
