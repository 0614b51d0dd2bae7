import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the server treats one request. */
interface Manners {
  /** Whether it understands Range; defaults to true. */
  ranges?: boolean;
  /** The connection breaks after so many bytes of the answer. */
  breakAfter?: number;
  /** With `breakAfter`: the connection does not break but stands still. */
  stall?: boolean;
  /** Ends the answer properly after so many bytes, without having told its length. */
  endAfter?: number;
  status?: number;
  /** Sent in place of the content-range that was asked for. */
  contentRange?: string;
}

export interface Mirror {
  /** The server's address, without a slash at the end. */
  readonly url: string;
  /** The path and range of each request so far, such as "/a.gz bytes=10-". */
  readonly requests: string[];
  /** How the next requests are treated. */
  manners: Manners;
  close(): Promise<void>;
}

/** A server on this machine that gives `contentOf(path)` for GET path, or 404. */
export async function startMirror(contentOf: (path: string) => Uint8Array | undefined): Promise<Mirror> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const range = request.headers.range;
    requests.push(range ? `${request.url} ${range}` : request.url!);
    answer(contentOf(request.url!), mirror.manners, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const mirror: Mirror = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    manners: {},
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return mirror;
}

function answer(
  content: Uint8Array | undefined,
  { ranges = true, breakAfter, stall = false, endAfter, status, contentRange }: Manners,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (status !== undefined || content === undefined) {
    response.writeHead(status ?? 404).end('<html>an explanation</html>');
    return;
  }
  const from = ranges ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0;
  if (from >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    return;
  }
  const rest = content.subarray(from);
  const headers = {
    ...(endAfter === undefined ? { 'content-length': String(rest.length) } : {}),
    ...(from
      ? { 'content-range': contentRange ?? `bytes ${from}-${content.length - 1}/${content.length}` }
      : {}),
  };
  response.writeHead(from ? 206 : 200, headers);
  if (breakAfter === undefined) response.end(rest.subarray(0, endAfter));
  else if (stall) response.write(rest.subarray(0, breakAfter));
  else response.write(rest.subarray(0, breakAfter), () => setTimeout(() => response.destroy(), 20));
}
