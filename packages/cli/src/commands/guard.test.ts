import { expect, test } from 'vitest';
import { run } from '../../test/run.ts';

test('every command of guard has its formats in --help', async () => {
  for (const name of ['fit', 'check', 'evaluate', 'monitor']) {
    const { code, stdout } = await run(['guard', name, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain("np.savez('rows.npz', layer0=…, layer1=…, logits=…, labels=…)");
  }
  expect((await run(['guard', 'check', '--help'])).stdout).toContain('{"layers": [[…], […]], "logits": […]}');
});
