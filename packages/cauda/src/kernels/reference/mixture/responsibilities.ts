import { exp, log } from '../../elementary.ts';

/** One row's responsibilities, log-density and most probable component from its squared distances. */
export function responsibilities(
  squares: ArrayLike<number>,
  constants: ArrayLike<number>,
  cutoff: number,
): { r: number[]; logProb: number; label: number } {
  const logs = Array.from(squares, (q, j) => (q < Infinity ? constants[j]! - 0.5 * q : -1e300));
  const best = Math.max(...logs);
  const parts = logs.map((l) => (l === best ? 1 : l - best > cutoff ? exp(l - best) : 0));
  const sum = parts.reduce((total, part) => total + part, 0);
  const inverse = 1 / sum;
  const r = parts.map((part) => part * inverse);
  return { r, logProb: sum === 1 ? best : best + log(sum), label: logs.indexOf(best) };
}
