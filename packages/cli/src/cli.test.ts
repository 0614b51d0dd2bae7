import { expect, test } from 'vitest';
import { run } from '../test/run.ts';

test('an unknown command exits 2, and help and version exit 0', async () => {
  expect((await run(['studdy'])).code).toBe(2);
  expect((await run(['study', '--help'])).stdout).toContain('--max-components <k>');
  expect(await run(['--version'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    stderr: '',
  });
});
