/**
 * npm run bench [-- --rounds N] [subject …]
 * npm run bench -- detectors
 * npm run bench -- guard
 *
 * Times Cauda and its peers in turn, in one run, and prints the median of the ratios: on a shared machine the single
 * times drift, their ratio much less. The first round warms up and does not count. Results are compared before a time
 * is believed.
 */
import { cpus } from 'node:os';
import { loadBenchData } from './data.ts';
import { measureDetectors } from './detectors.ts';
import { Exchange } from './exchange.ts';
import { measureGuard } from './guard.ts';
import { measure } from './measure.ts';
import { peakMemory } from './peakMemory.ts';
import { Peer } from './peer.ts';
import type { Subjects } from './subject.ts';
import { kmeansSubjects } from './subjects/kmeans.ts';
import { mixtureFitSubjects } from './subjects/mixtureFit.ts';
import { mixtureRowSubject } from './subjects/mixtureRow.ts';
import { mixtureSweepSubject } from './subjects/mixtureSweep.ts';
import { mlpSubject } from './subjects/mlp.ts';
import { seedingSubject } from './subjects/seeding.ts';

const subjects: readonly Subjects[] = [
  ...kmeansSubjects,
  seedingSubject,
  ...mixtureFitSubjects,
  mixtureRowSubject,
  mixtureSweepSubject,
  mlpSubject,
];

const args = process.argv.slice(2);
if (args[0] === 'detectors')
  await measureDetectors(); // how good they are, not how fast
else if (args[0] === 'guard')
  await measureGuard(); // there is no peer to take turns with
else await compare(args);

async function compare(words: readonly string[]): Promise<void> {
  const at = words.indexOf('--rounds');
  const rounds = at < 0 ? 3 : Number(words[at + 1]);
  const names = at < 0 ? words : words.filter((_, i) => i !== at && i !== at + 1);
  const chosen = subjects.filter(({ name, long }) =>
    long ? names.includes(name) : names.length === 0 || isNamed(name, names),
  );
  const memory = names.length === 0 || names.includes('memory');
  const unknown = names.find((name) => name !== 'memory' && !subjects.some((s) => isNamed(s.name, [name])));
  if (unknown !== undefined)
    throw new Error(
      `bench: no subject "${unknown}"; known are ${subjects.map(({ name }) => name).join(', ')}, memory, detectors, guard`,
    );
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
    for (const { make } of chosen)
      for (const subject of await make(data, exchange))
        console.log(await measure(subject, versions?.[subject.peerPackage] ? peer : undefined, rounds));
    if (memory)
      for (const where of ['memory', 'source'] as const)
        console.log(`\n${peakMemory(data.standardized, exchange, where)}`);
  } finally {
    peer?.stop();
    exchange.remove();
  }
}

/** Whether one of the names is this one or its first word. */
function isNamed(name: string, names: readonly string[]): boolean {
  return names.includes(name) || names.includes(name.split('-')[0]!);
}
