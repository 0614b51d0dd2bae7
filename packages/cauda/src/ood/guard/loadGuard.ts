import { checkOptions, shaped } from '../../check.ts';
import type { StepModel } from '../../pipeline/step.ts';
import { FieldReader, type Reader } from '../../serialize.ts';
import type { Network } from '../../views.ts';
import { Calibration } from '../guarantees/calibrateScores.ts';
import { checkDigest, isNames, isNetwork, isNotes, type Provenance } from './calibrated.ts';
import { type AnyDetectorKind, detectorFromJSON } from './detectorFromJSON.ts';
import { readWidths } from './givenViews.ts';
import { Guard } from './guard.ts';
import { unseal } from './guardFile.ts';

export interface LoadGuardOptions {
  /** Kinds of detectors that are not Cauda's own, for files that hold some. */
  kinds?: readonly AnyDetectorKind[];
  /** Readers of steps that may prepare views, besides scaler and PCA. */
  steps?: readonly Reader<StepModel>[];
  /** Readers of networks, such as `[MlpClassifier]`, for a file that carries one. */
  networks?: readonly Reader<Network>[];
  /** The guard's network, for a file that does not carry it. */
  network?: Network;
}

const who = 'loadGuard';
const defaults = { kinds: [], steps: [], networks: [] };

/**
 * The guard that was saved as JSON, with the same bits. Its checksum and every field are checked; nothing in it is run.
 *
 *     const guard = loadGuard(bytes, { networks: [MlpClassifier] });
 *     await guard.checkInputs(pixels);
 *
 * A network that the file carries and no reader is given for stays in the guard unread: `check` works, `checkInputs`
 * asks for the reader, and saving the guard again keeps it.
 * @param source the file's bytes or text, or what `JSON.parse` made of it
 * @throws TypeError or RangeError with the reason for a file that is cut off, edited, of another version, or no guard,
 *   and for a network that is not the guard's
 */
export function loadGuard(
  source: string | Uint8Array | ArrayBuffer | object,
  options: LoadGuardOptions = {},
): Guard {
  checkNoNetworks(options?.networks);
  const { kinds, steps, networks, network } = checkOptions(who, options, rules, defaults);
  const saved = new FieldReader(who, unseal(who, source));
  const carried = saved.field('network');
  const names = saved.field('labelNames');
  if (names !== null && !isNames(names)) saved.fail('labelNames', 'null or an array of strings');
  const digest = saved.field('networkDigest');
  if (digest !== null && typeof digest !== 'string') saved.fail('networkDigest', 'null or a string');
  const networkDigest = (digest as string | null) ?? undefined;
  checkDigest(who, networkDigest, network?.digest, 'the option network comes');
  const read = network ? undefined : readNetwork(carried, networks);
  checkDigest(who, networkDigest, read?.digest, "the file's network comes");
  return new Guard({
    detector: detectorFromJSON(saved.field('detector'), { kinds, steps }),
    calibration: Calibration.fromJSON(saved.field('calibration')),
    network: network ?? read,
    networkDigest: networkDigest ?? network?.digest ?? read?.digest,
    unreadNetwork: read ? undefined : (carried ?? undefined),
    widths: readWidths(`${who}: widths`, saved.field('widths')),
    labelNames: names === null ? undefined : Object.freeze([...(names as string[])]),
    provenance: readProvenance(new FieldReader(`${who}: provenance`, saved.field('provenance'))),
  });
}

/** Guards as one format among those of other models; a network in the file stays unread. */
export const guardReader: Reader<Guard> = {
  format: 'cauda.guard',
  fromJSON: (value) => loadGuard(value as object),
};

/** @throws TypeError for a network among the readers of networks */
function checkNoNetworks(networks: unknown): void {
  const given: unknown[] = Array.isArray(networks) ? networks : [networks];
  if (given.some((one) => isNetwork(one) && !isReader(one)))
    throw new TypeError(
      `${who}: networks takes readers of networks, such as [MlpClassifier]; got a network: you mean the option network`,
    );
}

/** The network that the file carries, if one of the readers reads it. */
function readNetwork(carried: unknown, networks: readonly Reader<Network>[]): Network | undefined {
  const { format } = (carried ?? {}) as { format?: unknown };
  return networks.find((reader) => reader.format === format)?.fromJSON(carried);
}

function readProvenance(saved: FieldReader): Provenance {
  const notes = saved.field('notes');
  if (!isNotes(notes)) saved.fail('notes', 'an object of strings, numbers and booleans');
  return Object.freeze({
    cauda: saved.string('cauda'),
    calibrationRows: saved.number('calibrationRows', 1, Infinity, true),
    calibrationDigest: saved.string('calibrationDigest'),
    notes: Object.freeze({ ...(notes as Provenance['notes']) }),
  });
}

const isReader = (reader: unknown): boolean => {
  const { format, fromJSON } = (reader ?? {}) as Partial<Reader<Network>>;
  return typeof format === 'string' && typeof fromJSON === 'function';
};

const rules = {
  kinds: shaped('an array of kinds of detectors', Array.isArray),
  steps: shaped('an array of readers of steps', Array.isArray),
  networks: shaped(
    'an array of readers, { format, fromJSON }, such as [MlpClassifier]',
    (value) => Array.isArray(value) && value.every(isReader),
  ),
  network: shaped('a network, { digest, views(inputs) }, such as an MlpClassifier', isNetwork),
};
