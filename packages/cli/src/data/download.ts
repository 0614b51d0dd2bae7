import { open, rename, rm, stat } from 'node:fs/promises';
import type { KnownFile } from './files.ts';
import { readVerified } from './stored.ts';

/** Takes the bytes of a download. */
interface PartWriter {
  /** Writes all of `bytes`. */
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export interface DownloadOptions {
  /** Called as bytes arrive; `total` is undefined if the server does not tell it. */
  onProgress?: (received: number, total: number | undefined) => void;
  /** Aborts the download. The part stays, so that it can be resumed. */
  signal?: AbortSignal;
  /** Opens the part, to append to it or to write it from the beginning; defaults to a file. */
  openPart?: (path: string, append: boolean) => Promise<PartWriter>;
}

/**
 * Downloads `url` to `path`. The bytes go to the part, `path`.part; if the server can, a later call continues it where
 * this one stopped. A complete part is renamed to `path` if its content has the known length and SHA-256; otherwise it
 * is deleted.
 * @throws Error with one sentence that says what the server answered, where the connection broke, why the disk could
 *   not be written, or how the content differs
 */
export async function download(
  url: string,
  path: string,
  file: KnownFile,
  { onProgress = () => {}, signal, openPart = openFile }: DownloadOptions = {},
): Promise<void> {
  const part = `${path}.part`;
  const already = await sizeOf(part);
  const response = await request(url, already, signal);
  // 416 says that nothing is left to send: the part is complete, unless its digest shows that it is not
  if (response.status !== 416) await receive(url, response, part, already, file, onProgress, openPart);
  else await response.body?.cancel();
  try {
    await readVerified(part, file, `data: ${url}`);
  } catch (error) {
    await rm(part);
    throw new Error(`${(error as Error).message}; the download was deleted, run the command again`);
  }
  await rename(part, path);
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

/** Requests what follows the first `from` bytes. */
async function request(url: string, from: number, signal: AbortSignal | undefined): Promise<Response> {
  const headers = { 'accept-encoding': 'identity', ...(from > 0 ? { range: `bytes=${from}-` } : {}) };
  const response = await fetch(url, { headers, signal: signal ?? null }).catch((error) => {
    throw new Error(`data: ${url}: could not connect (${reasonOf(error)})`);
  });
  if ([200, 206].includes(response.status) || (response.status === 416 && from > 0)) return response;
  await response.body?.cancel();
  throw new Error(
    `data: ${url}: expected the file; the server answered ${`${response.status} ${response.statusText}`.trim()}`,
  );
}

async function receive(
  url: string,
  response: Response,
  part: string,
  already: number,
  file: KnownFile,
  onProgress: NonNullable<DownloadOptions['onProgress']>,
  openPart: NonNullable<DownloadOptions['openPart']>,
): Promise<void> {
  const append = response.headers.get('content-range')?.startsWith(`bytes ${already}-`) ?? false;
  if (response.status === 206 && !append) {
    await response.body?.cancel();
    throw new Error(`data: ${url}: asked for the bytes from ${already}; the server sent others`);
  }
  const length = response.headers.get('content-length');
  let received = append ? already : 0;
  const total = length === null ? undefined : received + Number(length);
  const limit = file.bytes * 1.01 + 1024; // gzip adds less than this to what it cannot compress
  const reader = response.body!.getReader();
  const writer = await openPart(part, append).catch((error) => {
    throw diskError(part, error);
  });
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error) => {
        const amount = `${received}${total === undefined ? '' : ` of ${total}`} bytes`;
        throw new Error(
          `data: ${url}: the connection broke after ${amount} (${reasonOf(error)}); run the command again to resume`,
        );
      });
      if (done) break;
      received += value.length;
      await writer.write(value).catch((error) => {
        throw diskError(part, error);
      });
      onProgress(received, total);
      if (received > limit) break; // this is not the file, as readVerified will say
    }
  } finally {
    await reader.cancel().catch(() => {}); // a broken connection cannot be canceled
    await writer.close().catch(() => {}); // lost bytes are noticed when the part is verified
  }
}

/** Opens a part on the disk. */
async function openFile(path: string, append: boolean): Promise<PartWriter> {
  const handle = await open(path, append ? 'a' : 'w');
  return {
    write: (bytes) => handle.appendFile(bytes),
    close: () => handle.close(),
  };
}

function diskError(path: string, error: unknown): Error {
  return new Error(`data: ${path}: could not be written (${reasonOf(error)}); no data was changed`);
}

/** The system's code of an error where there is one, which fetch hides in the cause; else its message. */
function reasonOf(error: unknown): string {
  const { cause = error } = error as { cause?: unknown };
  const { code, message } = cause as { code?: string; message?: string };
  return code ?? message ?? String(cause);
}
