// The command installed from its tarball: it starts, says its version, refuses what it does not know, and does the
// study offline with the sample and the derivations that it brings.
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

node(command, 'study', '--quick', '--data', 'sample', '--out', 'out');
assert.match(readFileSync('out/report.html', 'utf8'), /EM for Gaussian mixtures/);
assert.equal(JSON.parse(readFileSync('out/result.json', 'utf8')).sections.derivations.documents.length, 2);
