// A page that a bundler made of the package fits with workers in Chromium, from a file and without a server.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cauda, copy, install } from '../tools.mjs';

const require = createRequire(import.meta.url);
const { build } = require('esbuild');
const { chromium } = require('playwright-core');

install(cauda);
copy(import.meta.url, 'app.mjs');
await build({ entryPoints: ['app.mjs'], bundle: true, minify: true, format: 'iife', outfile: 'app.js' });
writeFileSync('index.html', '<!doctype html><title>Cauda</title><script src="app.js"></script>\n');

const executablePath = [
  process.env.CAUDA_BROWSER,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find((path) => path && existsSync(path));
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const page = await browser.newPage();
  await page.goto(pathToFileURL(resolve('index.html')).href);
  const { sizes, same } = await page.evaluate(() => globalThis.outcome);
  assert.deepEqual(sizes, [1000, 1000, 1000]);
  assert.equal(same, true);
} finally {
  await browser.close();
}
