// What the smoke tests share.
import { spawnSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The tarballs of `cauda` and `cauda-cli`, as the frame hands them over. */
export const [cauda, cli] = process.argv.slice(2);

/** The path of a tool that `npm ci` put at the root of the repository. */
export const tool = (path) => fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url));

/** Makes the working directory a project that has the tarballs installed. */
export function install(...tarballs) {
  writeFileSync('package.json', '{ "private": true, "type": "module" }\n');
  run('npm', 'install', '--no-audit', '--no-fund', '--silent', ...tarballs);
}

/** Copies files that stand beside the smoke test into the working directory. */
export function copy(from, ...names) {
  for (const name of names) copyFileSync(new URL(name, from), basename(name));
}

/** Runs a command and gives back what it printed; its failure is an error that shows all it said. */
export function run(command, ...args) {
  const shell = process.platform === 'win32' && command === 'npm';
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', shell });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')}: ${error ?? `exit code ${status}`}\n${stdout}${stderr}`);
  return stdout;
}

/** Runs a module of the working directory in this Node. */
export const node = (module, ...args) => run(process.execPath, module, ...args);
