/**
 * npm run bench [-- --rounds N] [subject …]
 *
 * Times Cauda and its peers in turn, in one run, and prints the median of the ratios: on a shared machine the single
 * times drift, their ratio much less. The first round warms up and does not count. Results are compared before a time
 * is believed.
 */
import { cpus } from 'node:os';
import { Exchange, loadBenchData } from './data.ts';
import { mixtureSubjects, sweepSubject } from './mixtures.ts';
import { Peer } from './peer.ts';
import { emSubjects, lloydSubject, mlpSubject, type Subject, seedingSubject } from './subjects.ts';

const args = process.argv.slice(2);
const roundsAt = args.indexOf('--rounds');
const rounds = roundsAt < 0 ? 3 : Number(args[roundsAt + 1]);
const wanted = roundsAt < 0 ? args : [...args.slice(0, roundsAt), ...args.slice(roundsAt + 2)];
const wants = (...names: string[]): boolean =>
  wanted.length === 0 || names.some((name) => wanted.includes(name));

const sorted = (values: number[]): number[] => values.sort((a, b) => a - b);
const median = (values: number[]): number => sorted(values)[values.length >> 1]!;
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
    ? `**${median(ratios).toFixed(1)} ×** (${ratios[0]!.toFixed(1)}–${ratios.at(-1)!.toFixed(1)})`
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
    ...(wants('lloyd') ? [lloydSubject(data, exchange)] : []),
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
} finally {
  peer?.stop();
  exchange.remove();
}
