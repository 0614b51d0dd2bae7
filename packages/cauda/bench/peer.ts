import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A Python with scikit-learn, running peer.py: the other side of every ratio. */
export class Peer {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  private constructor(python: string) {
    this.#process = spawn(python, [fileURLToPath(new URL('peer.py', import.meta.url))]);
    this.#process.stderr.pipe(process.stderr);
    this.#reader = createInterface({ input: this.#process.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** The first Python that has scikit-learn (CAUDA_PYTHON, python3, Debian's), or undefined. */
  static find(): Peer | undefined {
    const candidates = [process.env.CAUDA_PYTHON, 'python3', '/usr/bin/python3'];
    const found = candidates.find(
      (python) => python && spawnSync(python, ['-c', 'import sklearn, threadpoolctl']).status === 0,
    );
    return found ? new Peer(found) : undefined;
  }

  /** Asks for one measurement. */
  async ask<Answer>(name: string, params: object = {}): Promise<Answer> {
    this.#process.stdin.write(`${JSON.stringify({ name, ...params })}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`bench: the Python side stopped during "${name}"`);
    const answer = JSON.parse(value) as Answer & { error?: string };
    if (answer.error) throw new Error(`bench: "${name}" failed in Python: ${answer.error}`);
    return answer;
  }

  stop(): void {
    this.#process.stdin.end();
    this.#reader.close();
  }
}
