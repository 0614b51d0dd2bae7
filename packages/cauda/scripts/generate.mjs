// Makes the two generated sources of the library: the kernels' bytes and the worker's code.
//   src/kernels/wasm.generated.ts        the WebAssembly module, as base64, with the names it exports
//   src/parallel/worker.generated.ts     src/worker.ts and all it imports, as one string
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Writes only what changed, under a temporary name first, so that watchers and parallel builds see whole files. */
async function write(path, text) {
  const target = `${root}${path}`;
  if ((await readFile(target, 'utf8').catch(() => '')) === text) return;
  await mkdir(target.slice(0, target.lastIndexOf('/')), { recursive: true });
  const temporary = `${target}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, target);
}

async function kernels() {
  let binary;
  const result = await asc.main(
    [
      'assembly/index.ts',
      '-o',
      'kernels.wasm',
      '-O3',
      '--noAssert',
      '--runtime',
      'stub',
      '--enable',
      'simd',
      '--disable',
      'bulk-memory',
      '--baseDir',
      root,
    ],
    { writeFile: (name, contents) => void (name.endsWith('.wasm') && (binary = contents)) },
  );
  const warnings = result.stderr.toString();
  if (result.error || !binary) throw new Error(`kernels do not compile\n${warnings}`);
  if (warnings.trim()) process.stderr.write(warnings);
  const module = new WebAssembly.Module(binary);
  const names = WebAssembly.Module.exports(module)
    .filter((entry) => entry.kind === 'function')
    .map((entry) => entry.name);
  await write(
    'src/kernels/wasm.generated.ts',
    `// Made by scripts/generate.mjs from assembly/.\nexport type KernelName =\n${names.map((name) => `  | '${name}'`).join('\n')};\nexport const kernelBytes: string =\n  '${Buffer.from(binary).toString('base64')}';\n`,
  );
}

async function worker() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['src/worker.ts'],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    write: false,
  });
  await write(
    'src/parallel/worker.generated.ts',
    `// Made by scripts/generate.mjs from src/worker.ts.\nexport const workerSource: string =\n  ${JSON.stringify(outputFiles[0].text)};\n`,
  );
}

await Promise.all([kernels(), worker()]);
