import { readFileSync } from 'node:fs';
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

/** The commands below a command, as its help lists them. */
async function commandsOf(path: readonly string[]): Promise<string[]> {
  const [, listed = ''] = (await run([...path, '--help'])).stdout.split('\nCommands:\n');
  return [...listed.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name!).filter((name) => name !== 'help');
}

test('README.md shows every command and sub-command', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const shown = /^cauda study[\s\S]*?^```$/m.exec(readme)![0];
  const commands = await commandsOf([]);
  expect(commands).toEqual(expect.arrayContaining(['study', 'guard', 'data']));
  for (const command of commands)
    for (const name of [command, ...(await commandsOf([command]))])
      expect(shown).toMatch(new RegExp(`^cauda ${command} .*\\b${name}\\b|^cauda ${name} `, 'm'));
});
