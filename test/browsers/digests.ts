import { digest } from '../../packages/cauda/test/digest.ts';
import { dtypes, fits } from '../../packages/cauda/test/fits.ts';

/** The digests of all fits, as the JavaScript engine that runs this makes them: "float32, pca" → 16 hexadecimal digits. */
export async function digests(workers: number): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const dtype of dtypes)
    for (const [name, fit] of Object.entries(fits(dtype)))
      found[`${dtype}, ${name}`] = await digest(await fit(workers));
  return found;
}
