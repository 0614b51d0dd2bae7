import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Matrix } from '../src/index.ts';
import type { Exchange } from './exchange.ts';

/** The peak memory of a process that does nothing but fit X, read into memory or left in its file; see memory.ts. */
export function peakMemory(X: Matrix, exchange: Exchange, where: 'memory' | 'source'): string {
  const script = fileURLToPath(new URL('memory.ts', import.meta.url));
  const given = [exchange.putMatrix(X), `${X.rows}`, `${X.cols}`, where];
  const child = spawnSync(process.execPath, [...process.execArgv, script, ...given], { encoding: 'utf8' });
  if (child.status !== 0) throw new Error(`bench: memory.ts failed: ${child.stderr}`);
  const { before, after } = JSON.parse(child.stdout) as { before: number; after: number };
  const mib = (kib: number): string => `${(kib / 1024).toFixed(0)} MiB`;
  return `peak memory of a process that fits ${X.rows}×${X.cols} (${mib(X.data.byteLength / 1024)}), K=10, rows in ${where === 'memory' ? 'memory' : 'the file'}: ${mib(after)}; before the fit ${mib(before)}`;
}
