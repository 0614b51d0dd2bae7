import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { arrowsOf, breaches, circles, homeless, type Plan } from './house.ts';

/** What every family stands on. */
const base = ['.', 'kernels', 'parallel'];

const plans: readonly Plan[] = [
  {
    source: 'packages/cauda/src',
    rooms: {
      // the floor, which knows no family, and what runs on it
      '.': ['kernels'],
      kernels: ['.'],
      'kernels/reference': ['.', 'kernels'],
      parallel: ['.', 'kernels'],
      pipeline: ['.', 'parallel'],
      io: ['.'],
      node: ['.', 'io'],
      // the families, each standing on those above it
      metrics: base,
      preprocess: [...base, 'pipeline'],
      decompose: [...base, 'pipeline'],
      nn: base,
      cluster: [...base, 'pipeline', 'cluster/*'],
      'cluster/centers': [...base, 'cluster', 'cluster/lloyd', 'cluster/bisecting'],
      'cluster/lloyd': [...base, 'cluster', 'cluster/centers', 'cluster/seeding'],
      'cluster/seeding': [...base, 'cluster', 'cluster/lloyd'],
      'cluster/miniBatch': [
        ...base,
        'pipeline',
        'cluster',
        'cluster/centers',
        'cluster/lloyd',
        'cluster/seeding',
      ],
      'cluster/bisecting': [
        ...base,
        'pipeline',
        'cluster',
        'cluster/centers',
        'cluster/lloyd',
        'cluster/miniBatch',
      ],
      'cluster/select': [...base, 'cluster', 'metrics'],
      mixture: [...base, 'pipeline', 'decompose', 'cluster/*', 'mixture/*'],
      'mixture/covariance': [...base, 'decompose'],
      'mixture/rows': [...base, 'mixture/covariance'],
      'mixture/em': [...base, 'decompose', 'cluster/*', 'mixture', 'mixture/covariance', 'mixture/rows'],
      'mixture/missing': [...base, 'mixture', 'mixture/covariance', 'mixture/rows', 'mixture/em'],
      'mixture/model': [
        ...base,
        'mixture',
        'mixture/covariance',
        'mixture/rows',
        'mixture/em',
        'mixture/missing',
      ],
      'mixture/bayesian': [
        ...base,
        'mixture',
        'mixture/covariance',
        'mixture/rows',
        'mixture/em',
        'mixture/model',
      ],
      'mixture/select': [
        ...base,
        'cluster',
        'mixture',
        'mixture/covariance',
        'mixture/em',
        'mixture/missing',
      ],
      ood: [...base, 'ood/*'],
      'ood/detectors/base': [...base, 'pipeline'],
      'ood/detectors': [...base, 'pipeline', 'decompose', 'mixture/*', 'ood/detectors/base'],
      'ood/evaluation': base,
      'ood/guarantees': [...base, 'ood/evaluation'],
      'ood/guard/auto': [...base, 'mixture/*', 'ood/detectors/*'],
      'ood/guard': [
        ...base,
        'pipeline',
        'decompose',
        'preprocess',
        'ood/detectors/*',
        'ood/guarantees',
        'ood/guard/auto',
      ],
      // doors: what is public, what reads all models, what a worker thread knows
      'index.ts': ['*'],
      models: ['*'],
      'worker.ts': ['*'],
    },
    outside: {
      node: ['node:fs/promises', 'node:path', 'node:timers/promises'],
      parallel: ['node:os', 'node:worker_threads'],
      'kernels/reference': ['vitest'], // for tests alone, and not in the package
    },
  },
  {
    source: 'packages/cli/src',
    rooms: {
      // the clock and the version
      '.': [],
      text: [],
      files: [],
      terminal: [],
      data: [],
      rows: [],
      result: ['text'],
      report: ['result', 'text'],
      study: ['.', 'data', 'files', 'result', 'terminal', 'text'],
      protocols: ['.', 'data', 'text'],
      commands: ['.', 'data', 'files', 'protocols', 'result', 'rows', 'terminal', 'text'],
      'commands/study.ts': ['*'],
      'cli.ts': ['.', 'commands', 'commands/study.ts', 'terminal'],
      'main.ts': ['cli.ts'],
    },
  },
];

const root = fileURLToPath(new URL('..', import.meta.url));

/** The sources below a folder, without tests, by their paths from there. */
function read(source: string): Map<string, string> {
  const paths = readdirSync(`${root}${source}`, { recursive: true }) as string[];
  return new Map(
    paths
      .map((path) => path.replaceAll('\\', '/'))
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.endsWith('.generated.ts'))
      .map((path) => [path, readFileSync(`${root}${source}/${path}`, 'utf8')]),
  );
}

describe.each(plans)('$source', (plan) => {
  const files = read(plan.source);
  const generated = ['kernels/wasm.generated.ts', 'parallel/worker.generated.ts'];
  const arrows = arrowsOf(files).filter(({ imported }) => !generated.includes(imported));

  test('every file is in a room of the plan, and every room has a file', () => {
    expect(homeless(files.keys(), plan)).toEqual([]);
  });

  test('rooms import only what the plan says', () => {
    expect(arrows.length).toBeGreaterThan(200);
    expect(breaches(arrows, plan, files.keys())).toEqual([]);
  });

  test('no file imports itself by way of others', () => {
    expect(circles(arrows)).toEqual([]);
  });
});

describe('the checker, on a house that is made up', () => {
  const plan: Plan = {
    source: 'src',
    rooms: { '.': [], low: ['.'], high: ['.', 'low/*'], 'low/cellar': [], empty: [], 'door.ts': ['*'] },
    outside: { low: ['node:fs'] },
  };
  const files = new Map([
    ['floor.ts', "import type { B } from './low/b.ts';\n"],
    ['door.ts', "export { a } from './high/a.ts';\n"],
    [
      'high/a.ts',
      "import {\n  b,\n} from '../low/b.ts';\nimport '../low/cellar/c.ts';\nimport x from 'lodash';\n",
    ],
    ['low/b.ts', "import { readFile } from 'node:fs';\nconst a = () => import('../high/a.ts');\n"],
    ['low/cellar/c.ts', "import { other } from '../../../other/src/index.ts';\nimport '../../floor.ts';\n"],
    ['attic/d.ts', "// import { a } from './not.ts';\n"],
  ]);
  const arrows = arrowsOf(files);

  test('finds imports of values, of types, over several lines, for their effects and at run time', () => {
    expect(arrows).toEqual([
      { file: 'floor.ts', imported: 'low/b.ts' },
      { file: 'door.ts', imported: 'high/a.ts' },
      { file: 'high/a.ts', imported: 'low/b.ts' },
      { file: 'high/a.ts', imported: 'low/cellar/c.ts' },
      { file: 'high/a.ts', imported: 'lodash' },
      { file: 'low/b.ts', imported: 'node:fs' },
      { file: 'low/b.ts', imported: 'high/a.ts' },
      { file: 'low/cellar/c.ts', imported: '../other/src/index.ts' },
      { file: 'low/cellar/c.ts', imported: 'floor.ts' },
    ]);
  });

  test('names file, import and rule of each breach', () => {
    expect(breaches(arrows, plan, files.keys())).toEqual([
      'src/floor.ts imports low/b.ts: "." may import nothing, and this is in "low"',
      'src/high/a.ts imports lodash: outside the package "high" may import nothing',
      'src/low/b.ts imports high/a.ts: "low" may import ., and this is in "high"',
      'src/low/cellar/c.ts imports ../other/src/index.ts: a package is imported by its public name',
      'src/low/cellar/c.ts imports floor.ts: "low/cellar" may import nothing, and this is in "."',
    ]);
  });

  test('finds files without a room and rooms without a file', () => {
    expect(homeless(files.keys(), plan)).toEqual([
      'src/attic/d.ts is in no room; give its folder a line',
      'src has no file in the room "empty"',
    ]);
  });

  test('finds circles, and each of them once', () => {
    expect(circles(arrows)).toEqual([
      'low/b.ts → high/a.ts → low/b.ts',
      'floor.ts → low/b.ts → high/a.ts → low/cellar/c.ts → floor.ts',
    ]);
    expect(circles(arrows.filter(({ imported }) => imported !== 'low/b.ts'))).toEqual([]);
  });
});
