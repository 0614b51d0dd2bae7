// The same bits in every browser: opens one page of whole fits in each, without and with workers, and compares the
// digests with Node's. Run by `.ci/run browsers`; names of browsers as arguments run those alone.
import { setTimeout as wait } from 'node:timers/promises';
import { digests } from './digests.ts';
import { browsers } from './drivers.ts';
import { type Report, serve } from './server.ts';

const PATIENCE = 300_000; // milliseconds for one page
const tooLate: Report = { browser: '?', error: `no report within ${PATIENCE / 1000} s` };

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(browsers);
const expected = await digests(0);
const server = await serve();
let failures = 0;
for (const name of names) {
  const browser = await browsers[name]!();
  try {
    for (const workers of [0, 2]) {
      const begun = performance.now();
      const reported = server.report();
      await browser.open(`${server.address}?workers=${workers}`);
      const report = await Promise.race([reported, wait(PATIENCE, tooLate, { ref: false })]);
      const wrong = differences(report);
      failures += wrong.length;
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      const what = wrong.length ? 'FAILED' : `${Object.keys(expected).length} digests are Node's`;
      console.log(`${name}, ${workers} workers: ${what} (${seconds} s; ${report.browser})`);
      for (const line of wrong) console.log(`  ${line}`);
    }
  } finally {
    await browser.close();
  }
}
server.close();
process.exitCode = failures ? 1 : 0;

/** What a report lacks of being Node's digests, a line each. */
function differences({ found, error }: Report): string[] {
  if (!found) return [error ?? 'an empty report'];
  const all = new Set([...Object.keys(expected), ...Object.keys(found)]);
  return [...all]
    .filter((fit) => found[fit] !== expected[fit])
    .map((fit) => `${fit}: ${found[fit]}; Node has ${expected[fit]}`);
}
