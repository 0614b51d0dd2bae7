// The command installed from its tarball: it starts, says its version and refuses what it does not know.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cauda, cli, install, node } from '../tools.mjs';

install(cauda, cli);
const { version, bin } = JSON.parse(readFileSync('node_modules/cauda-cli/package.json', 'utf8'));
const command = `node_modules/cauda-cli/${bin.cauda}`;
assert.equal(node(command, '--version').trim(), version);
assert.match(node(command, 'guard', '--help'), /Usage: cauda guard/);
assert.equal(spawnSync(process.execPath, [command, 'no-such-command']).status, 2);
