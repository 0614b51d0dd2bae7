/**
 * Puts what the command needs of the repository into its package, in `embedded`, before npm packs it, and takes it out
 * again afterwards: `node scripts/embed.mjs`, `node scripts/embed.mjs --remove`.
 */
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

rmSync(path('../embedded'), { recursive: true, force: true });
if (!process.argv.includes('--remove')) {
  for (const name of ['mnist', 'fashion-mnist', 'LICENSES.txt', 'README.md'])
    cpSync(path(`../../../sample/${name}`), path(`../embedded/sample/${name}`), { recursive: true });
  cpSync(path('../../../docs/derivations'), path('../embedded/derivations'), { recursive: true });
}
