import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(`packages/cauda/src/${path}`, import.meta.url));
const alias = [
  { find: /^cauda$/, replacement: source('index.ts') },
  { find: /^cauda\/(nn|ood|io|models|node)$/, replacement: source('$1/index.ts') },
];

/** A browser to test in: CAUDA_BROWSER, or one of the usual places. In CI its absence is a failure. */
const browser = [
  process.env.CAUDA_BROWSER,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find((path) => path && existsSync(path));
if (!browser) {
  const message =
    'no Chromium found (set CAUDA_BROWSER to its path): the browser tests are skipped, the rest runs in Node';
  if (process.env.CI) throw new Error(message);
  console.warn(message);
}

/**
 * `*.test.ts` runs in Node; `*.both.test.ts` runs in Node and in Chromium. `--mode full` runs the long
 * `*.full.test.ts` instead. */
export default defineConfig(({ mode }) => ({
  resolve: { alias },
  test: {
    testTimeout: 60_000,
    // One process runs many files: modules and workers are not started anew for each. So a test leaves nothing behind.
    isolate: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include:
            mode === 'full'
              ? ['packages/*/{src,test}/**/*.full.test.ts']
              : ['packages/*/{src,test}/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: mode === 'full' ? ['**/node_modules/**'] : ['**/node_modules/**', '**/*.full.test.ts'],
        },
      },
      ...(browser && mode !== 'full'
        ? [
            {
              extends: true as const,
              test: {
                name: 'chromium',
                include: ['packages/*/{src,test}/**/*.both.test.ts'],
                browser: {
                  enabled: true,
                  headless: true,
                  screenshotFailures: false,
                  provider: playwright({
                    launchOptions: {
                      executablePath: browser,
                      args: [
                        '--no-sandbox',
                        '--disable-gpu',
                        '--disable-background-networking',
                        '--disable-component-update',
                        '--disable-sync',
                      ],
                    },
                  }),
                  instances: [{ browser: 'chromium' as const }],
                },
              },
            },
          ]
        : []),
    ],
  },
}));
