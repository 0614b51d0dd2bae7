import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

/** A browser that was started. */
export interface Browser {
  /** Shows a page. */
  open(address: string): Promise<void>;
  close(): Promise<void>;
}

/** How each browser is started, by its name; all of them are Debian's. */
export const browsers: Record<string, () => Promise<Browser>> = {
  Chromium: () => puppeteer('chrome', '/usr/bin/chromium', ['--no-sandbox', '--disable-gpu']),
  Firefox: () => puppeteer('firefox', '/usr/bin/firefox-esr', []),
  WebKitGTK: webkit,
};

/** The little of puppeteer-core that is used here; it is installed in test/heavy. */
interface Puppeteer {
  launch(options: object): Promise<{
    newPage(): Promise<{ goto(address: string): Promise<unknown> }>;
    close(): Promise<void>;
  }>;
}

async function puppeteer(browser: string, executablePath: string, args: string[]): Promise<Browser> {
  const require = createRequire(new URL('../heavy/package.json', import.meta.url));
  const driver = (await import(pathToFileURL(require.resolve('puppeteer-core')).href)) as Puppeteer;
  const started = await driver.launch({ browser, executablePath, args, headless: true });
  return {
    open: async (address) => void (await (await started.newPage()).goto(address)),
    close: () => started.close(),
  };
}

/** WebKit has no headless mode: WebDriver (https://www.w3.org/TR/webdriver2/) over HTTP, on a virtual screen. */
async function webkit(): Promise<Browser> {
  const port = 4000 + (process.pid % 20_000);
  const driver = spawn('xvfb-run', ['-a', 'WebKitWebDriver', `--port=${port}`], {
    detached: true, // a process group of its own, so that it ends with its screen
    stdio: 'ignore',
    env: {
      ...process.env,
      WEBKIT_DISABLE_COMPOSITING_MODE: '1',
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1', // containers cannot nest it; the page is our own
    },
  });
  try {
    const send = sender(`http://127.0.0.1:${port}`);
    await answering(send, driver);
    const binary = miniBrowser();
    const { sessionId } = await send('POST', '/session', {
      capabilities: {
        alwaysMatch: { 'webkitgtk:browserOptions': { binary, args: ['--automation'] } },
      },
    });
    return {
      open: async (url) => void (await send('POST', `/session/${sessionId}/url`, { url })),
      close: async () => {
        await send('DELETE', `/session/${sessionId}`);
        end(driver);
      },
    };
  } catch (error) {
    end(driver);
    throw error;
  }
}

/** WebKitGTK's small browser, whose folder is named after the machine's architecture. */
function miniBrowser(): string | undefined {
  return readdirSync('/usr/lib')
    .map((folder) => `/usr/lib/${folder}/webkit2gtk-4.1/MiniBrowser`)
    .find((path) => existsSync(path));
}

type Send = (method: string, path: string, body?: object) => Promise<{ sessionId?: string }>;

/** Sends one command of WebDriver. */
function sender(server: string): Send {
  return async (method, path, body) => {
    const response = await fetch(server + path, { method, body: body && JSON.stringify(body) });
    const { value } = (await response.json()) as { value: { sessionId?: string; message?: string } };
    if (!response.ok) throw new Error(`WebKitWebDriver: ${method} ${path}: ${value.message}`);
    return value ?? {};
  };
}

/** Waits until the driver answers, at most half a minute. */
async function answering(send: Send, driver: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 120; tries++) {
    if (driver.exitCode !== null) throw new Error(`WebKitWebDriver exited with code ${driver.exitCode}`);
    try {
      await send('GET', '/status');
      return;
    } catch {
      await wait(250);
    }
  }
  throw new Error('WebKitWebDriver did not answer within 30 s');
}

function end(driver: ChildProcess): void {
  if (driver.pid !== undefined && driver.exitCode === null) process.kill(-driver.pid);
}
