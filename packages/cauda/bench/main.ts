/**
 * npm run bench [-- --rounds N] [subject …]
 * npm run bench -- detectors
 * npm run bench -- guard
 *
 * Times Cauda and its peers in turn, in one run, and prints the median of the ratios: on a shared machine the single
 * times drift, their ratio much less. The first round warms up and does not count. Results are compared before a time
 * is believed.
 */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Matrix } from '../src/index.ts';
import { Exchange, loadBenchData } from './data.ts';
import { measureDetectors } from './detectors.ts';
import { measureGuard } from './guard.ts';
import { mixtureSubjects, sweepSubject } from './mixtures.ts';
import { Peer } from './peer.ts';
import { median, type Subject } from './subject.ts';
import { emSubjects } from './subjects/em.ts';
import { kmeansSubjects } from './subjects/kmeans.ts';
import { mlpSubject } from './subjects/mlp.ts';
import { seedingSubject } from './subjects/seeding.ts';

const args = process.argv.slice(2);
if (args[0] === 'detectors') {
  await measureDetectors(); // how good they are, not how fast
  process.exit();
}
if (args[0] === 'guard') {
  await measureGuard(); // there is no peer to take turns with
  process.exit();
}
const roundsAt = args.indexOf('--rounds');
const rounds = roundsAt < 0 ? 3 : Number(args[roundsAt + 1]);
const wanted = roundsAt < 0 ? args : [...args.slice(0, roundsAt), ...args.slice(roundsAt + 2)];
const wants = (...names: string[]): boolean =>
  wanted.length === 0 || names.some((name) => wanted.includes(name));

const show = (seconds: number): string =>
  seconds < 1 ? `${(seconds * 1000).toFixed(seconds < 0.1 ? 1 : 0)} ms` : `${seconds.toFixed(2)} s`;

async function measure(subject: Subject, peer: Peer | undefined): Promise<string> {
  const ours: number[] = [];
  const theirs: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const mine = await subject.ours();
    const other = peer && (await subject.theirs(peer));
    if (other && Math.abs(mine.check - other.check) > subject.tolerance * Math.abs(other.check))
      throw new Error(
        `bench: ${subject.name}: the results differ (${mine.check} and ${other.check}): no time is printed`,
      );
    if (round === 0) continue;
    ours.push(mine.seconds);
    if (!other) continue;
    theirs.push(other.seconds);
    ratios.push(other.seconds / mine.seconds);
  }
  const ratio = ratios.length
    ? `**${median(ratios).toFixed(1)} ×** (${Math.min(...ratios).toFixed(1)}–${Math.max(...ratios).toFixed(1)})`
    : '–';
  const cells = [
    subject.title,
    show(median(ours)),
    peer ? show(median(theirs)) : '–',
    ratio,
    subject.peerTitle,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The peak memory of a process that does nothing but fit X, read into memory or left in its file. */
function peakMemory(X: Matrix, exchange: Exchange, where: 'memory' | 'source'): string {
  const script = fileURLToPath(new URL('memory.ts', import.meta.url));
  const given = [exchange.putMatrix(X), `${X.rows}`, `${X.cols}`, where];
  const child = spawnSync(process.execPath, [...process.execArgv, script, ...given], { encoding: 'utf8' });
  if (child.status !== 0) throw new Error(`bench: memory.ts failed: ${child.stderr}`);
  const { before, after } = JSON.parse(child.stdout) as { before: number; after: number };
  const mib = (kib: number): string => `${(kib / 1024).toFixed(0)} MiB`;
  return `peak memory of a process that fits ${X.rows}×${X.cols} (${mib(X.data.byteLength / 1024)}), K=10, rows in ${where === 'memory' ? 'memory' : 'the file'}: ${mib(after)}; before the fit ${mib(before)}`;
}

const peer = Peer.find();
const exchange = new Exchange();
try {
  const data = await loadBenchData();
  const versions = peer ? await peer.ask<Record<string, unknown>>('versions') : undefined;
  console.log(
    `machine: ${cpus().length} × ${cpus()[0]!.model.trim()}; Node ${process.versions.node}; data: ${data.source}`,
  );
  console.log(
    versions
      ? `peers: ${JSON.stringify(versions)}`
      : 'peers: skipped, no Python with scikit-learn was found (set CAUDA_PYTHON)',
  );
  console.log(`median of ${rounds} rounds after a warm-up, both sides in turn\n`);
  console.log('| work | Cauda | peer | ratio (range) | peer is |');
  console.log('|---|---|---|---|---|');
  const subjects = [
    ...kmeansSubjects(data, exchange, (name) => wants('kmeans', `kmeans-${name}`)),
    ...(wants('seeding') ? [seedingSubject(data, exchange)] : []),
    ...(wants('em', 'em-float32', 'em-float64') ? await emSubjects(data, exchange) : []),
    ...(wanted.length === 0 || wanted.some((name) => name.startsWith('mixture'))
      ? await mixtureSubjects(data, exchange)
      : []),
    ...(wanted.includes('mixture-sweep') ? [await sweepSubject(data, exchange)] : []), // minutes: only by name
    ...(wants('mlp') ? [mlpSubject(data, exchange)] : []),
  ];
  for (const subject of subjects)
    if (wants(subject.name, subject.name.split('-')[0]!)) console.log(await measure(subject, peer));
  if (wants('memory'))
    for (const where of ['memory', 'source'] as const)
      console.log(`\n${peakMemory(data.standardized, exchange, where)}`);
} finally {
  peer?.stop();
  exchange.remove();
}
