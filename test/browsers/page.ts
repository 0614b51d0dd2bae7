// What the page runs: the fits with as many workers as its address asks for, and a report to the server it came from.
import { digests } from './digests.ts';
import type { Report } from './server.ts';

const workers = Number(new URLSearchParams(location.search).get('workers'));
const report: Report = await digests(workers).then(
  (found) => ({ browser: navigator.userAgent, found }),
  (error) => ({ browser: navigator.userAgent, error: String(error?.stack ?? error) }),
);
await fetch('/report', { method: 'POST', body: JSON.stringify(report) });
