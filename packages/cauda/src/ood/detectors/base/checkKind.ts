import { describe } from '../../../check.ts';
import { type FloatArray, Matrix } from '../../../matrix.ts';
import { builtInNames } from './builtInNames.ts';

/**
 * Checks a kind of detector that is not Cauda's own.
 * @param who begins the message
 * @throws TypeError for something that is no kind, RangeError for one that has the name of another
 */
export function checkKind(who: string, kind: unknown): void {
  const { name, score, read } = (kind ?? {}) as Record<'name' | 'score' | 'read', unknown>;
  if (typeof name !== 'string' || name === '')
    throw new TypeError(
      `${who}: expected a kind of detector, { name, score, read }; its name must be text that is not empty; got ${describe(name)}`,
    );
  for (const [what, value] of Object.entries({ score, read }))
    if (typeof value !== 'function')
      throw new TypeError(
        `${who}: ${what} of the kind ${describe(name)} must be a function; got ${describe(value)}`,
      );
  if (builtInNames.includes(name as (typeof builtInNames)[number]))
    throw new RangeError(
      `${who}: the name ${describe(name)} belongs to a detector of Cauda; give your kind another, such as ${describe(`my.${name}`)}`,
    );
}

/** Fields of every saved detector. */
const taken = ['format', 'version', 'detector'];

/**
 * Checks that a file keeps the parts of a detector.
 * @param who begins the message
 * @throws TypeError naming a part that would be lost or cannot be read back, RangeError for numbers that are not finite
 */
export function checkParts(who: string, kind: string, parts: unknown): void {
  if (typeof parts !== 'object' || parts === null)
    throw new TypeError(`${who}: the parts of ${describe(kind)} must be an object; got ${describe(parts)}`);
  for (const [name, part] of Object.entries(parts)) {
    if (taken.includes(name))
      throw new TypeError(
        `${who}: a part of ${describe(kind)} is called ${describe(name)}, as a field of every saved detector; give it another name`,
      );
    checkPart({ who, kind, path: name }, part);
  }
}

/** Where a part stands. */
interface Where {
  readonly who: string;
  readonly kind: string;
  /** Such as "axes.means[0]". */
  readonly path: string;
}

function checkPart(where: Where, part: unknown): void {
  if (typeof part === 'string' || typeof part === 'boolean' || part === null) return;
  if (part instanceof Int32Array) return;
  const numbers = numbersOf(part);
  if (numbers) {
    const wrong = numbers.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) throw new RangeError(`${placeOf(where)} must be finite; got ${numbers[wrong]}`);
    return;
  }
  if (Array.isArray(part)) {
    if (part.some((entry) => Array.isArray(entry))) throw lost(where, part, 'give rows as Matrix.from(rows)');
    part.forEach((entry, at) => {
      checkPart({ ...where, path: `${where.path}[${at}]` }, entry);
    });
    return;
  }
  if (part === undefined) throw lost(where, part, 'leave it out');
  if (ArrayBuffer.isView(part)) throw lost(where, part, 'give a Float64Array, an Int32Array or a Matrix');
  if (typeof part !== 'object' || part instanceof Date) throw lost(where, part);
  if (typeof (part as { toJSON?: unknown }).toJSON === 'function') return;
  const prototype: unknown = Object.getPrototypeOf(part);
  if (prototype !== Object.prototype && prototype !== null) throw lost(where, part);
  for (const [name, value] of Object.entries(part))
    checkPart({ ...where, path: `${where.path}.${name}` }, value);
}

/** The numbers of a part that is made of them. */
function numbersOf(part: unknown): readonly number[] | FloatArray | undefined {
  if (typeof part === 'number') return [part];
  if (part instanceof Matrix) return part.data;
  return part instanceof Float64Array ? part : undefined;
}

function lost(where: Where, part: unknown, hint?: string): TypeError {
  return new TypeError(
    `${placeOf(where)} must be something that a file keeps: a number, text, true, false, null, a Float64Array, an Int32Array, a Matrix, a model with toJSON, or a list or plain object of these; got ${describe(part)}${hint ? `; ${hint}` : ''}`,
  );
}

function placeOf({ who, kind, path }: Where): string {
  return `${who}: the part ${path} of ${describe(kind)}`;
}
