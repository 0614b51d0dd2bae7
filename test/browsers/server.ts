import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** What the page found out, or what went wrong in it. */
export interface Report {
  /** The browser as it names itself. */
  readonly browser: string;
  readonly found?: Readonly<Record<string, string>>;
  readonly error?: string;
}

/** A server of one page on this machine. */
export interface Server {
  /** The address of the page. */
  readonly address: string;
  /** The next report of a page that was opened. */
  report(): Promise<Report>;
  close(): void;
}

/** Bundles page.ts, serves it on a free port and takes its reports. */
export async function serve(): Promise<Server> {
  const entry = fileURLToPath(new URL('page.ts', import.meta.url));
  const options = { bundle: true, format: 'esm', target: 'es2022', write: false } as const;
  const script = (await build({ entryPoints: [entry], ...options })).outputFiles[0]!.text;
  let take: (report: Report) => void = () => {};
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') take(JSON.parse(await bodyOf(request)) as Report);
    const isScript = request.url === '/page.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    report: () => new Promise((resolve) => (take = resolve)),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const part of request) body += part;
  return body;
}
