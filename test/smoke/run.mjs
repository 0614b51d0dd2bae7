// Packs the packages as npm would publish them and lets every folder beside this file use them as a stranger would:
// NAME/run.mjs runs in an empty temporary directory with the tarballs' paths as arguments. Run by `.ci/run smoke`,
// after `npm run build`; names as arguments run those alone.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '../..');
const folder = mkdtempSync(join(tmpdir(), 'cauda-smoke-'));
const folders = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const names = process.argv.length > 2 ? process.argv.slice(2) : folders.map(({ name }) => name);

const failed = [];
try {
  const tarballs = ['cauda', 'cauda-cli'].map(pack);
  for (const name of names) {
    const begun = performance.now();
    const cwd = join(folder, name);
    mkdirSync(cwd);
    const { status } = spawnSync(process.execPath, [join(here, name, 'run.mjs'), ...tarballs], {
      cwd,
      stdio: 'inherit',
    });
    if (status !== 0) failed.push(name);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`smoke test ${name}: ${status === 0 ? 'passed' : 'FAILED'} (${seconds} s)`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`smoke tests: ${names.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length ? 1 : 0;

/** The path of a workspace's tarball. */
function pack(workspace) {
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['pack', '--json', '--workspace', workspace, '--pack-destination', folder],
    { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' },
  );
  if (status !== 0) throw new Error(`npm pack ${workspace}: ${stderr}`);
  const packed = Object.values(JSON.parse(stdout))[0]; // a list, or an object by name from npm 11 on
  return join(folder, packed.filename);
}
