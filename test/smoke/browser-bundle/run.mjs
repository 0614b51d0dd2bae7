// A page that a bundler made of the package fits with workers in Chromium, from a file and without a server.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launch } from '../chromium.mjs';
import { cauda, copy, install } from '../tools.mjs';

const require = createRequire(import.meta.url);
const { build } = require('esbuild');

install(cauda);
copy(import.meta.url, 'app.mjs');
await build({ entryPoints: ['app.mjs'], bundle: true, minify: true, format: 'iife', outfile: 'app.js' });
writeFileSync('index.html', '<!doctype html><title>Cauda</title><script src="app.js"></script>\n');

const browser = await launch();
try {
  const page = await browser.newPage();
  await page.goto(pathToFileURL(resolve('index.html')).href);
  const { sizes, same } = await page.evaluate(() => globalThis.outcome);
  assert.deepEqual(sizes, [1000, 1000, 1000]);
  assert.equal(same, true);
} finally {
  await browser.close();
}
