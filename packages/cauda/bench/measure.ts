import type { Peer } from './peer.ts';
import { median, type Subject } from './subject.ts';

/**
 * Both sides in turn, `rounds` times after a warm-up.
 * @returns a row of the table
 * @throws Error if the two results differ: no time is believed then
 */
export async function measure(subject: Subject, peer: Peer | undefined, rounds: number): Promise<string> {
  const ours: number[] = [];
  const theirs: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const mine = await subject.ours();
    const other = peer && (await subject.theirs(peer));
    if (other && Math.abs(mine.check - other.check) > subject.tolerance * Math.abs(other.check))
      throw new Error(
        `bench: ${subject.title}: the results differ (${mine.check} and ${other.check}): no time is printed`,
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

function show(seconds: number): string {
  if (seconds < 1e-3) return `${(seconds * 1e6).toFixed(1)} µs`;
  return seconds < 1 ? `${(seconds * 1000).toFixed(seconds < 0.1 ? 1 : 0)} ms` : `${seconds.toFixed(2)} s`;
}
