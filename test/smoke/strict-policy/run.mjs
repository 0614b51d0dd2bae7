// A page whose policy forbids workers from code: the default fit stays in the page's thread, with the same bits.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { launch } from '../chromium.mjs';
import { cauda, copy, install } from '../tools.mjs';

const require = createRequire(import.meta.url);
const { build } = require('esbuild');

install(cauda);
copy(import.meta.url, 'app.mjs');
await build({ entryPoints: ['app.mjs'], bundle: true, minify: true, format: 'iife', outfile: 'app.js' });

const server = createServer(({ url }, response) => {
  const script = url === '/app.js';
  response.writeHead(200, {
    'Content-Type': script ? 'text/javascript' : 'text/html',
    'Content-Security-Policy': "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
  });
  response.end(
    script ? readFileSync('app.js') : '<!doctype html><title>Cauda</title><script src="app.js"></script>',
  );
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const browser = await launch();
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const { sizes, same, refused } = await page.evaluate(() => globalThis.outcome);
  assert.deepEqual(sizes, [10_000, 10_000, 10_000]);
  assert.equal(same, true);
  assert.match(
    refused,
    /^parallel: no worker can start here \(.+\); workers: 0 works in the calling thread$/,
  );
} finally {
  await browser.close();
  server.close();
}
