import { type Tags, tags, takers } from './tags.ts';

/**
 * Options are checked once, at the door. A rule says in words what it expects, so that the same data
 * writes the error, walks the tests and fills the docs.
 */

/** What one option accepts: `kind` is a TypeError when it fails, `range` a RangeError. */
export interface Rule {
  readonly expected: string;
  readonly kind: (value: unknown) => boolean;
  readonly range: (value: never) => boolean;
}

const isNumber = (value: unknown): boolean => typeof value === 'number';

/** An integer in [low, high]; `highIs` explains where the upper end comes from. */
export function integerIn(low: number, high: number, highIs?: string): Rule {
  const interval = `[${low}, ${high === Infinity ? '∞)' : `${high}]`}`;
  return {
    expected: `an integer in ${interval}${highIs ? `, ${highIs}` : ''}`,
    kind: isNumber,
    range: (value: number) => Number.isInteger(value) && value >= low && value <= high,
  };
}

/** A finite number in [low, high], or in (low, high] with `openLow`. */
export function numberIn(low: number, high: number, { openLow = false }: { openLow?: boolean } = {}): Rule {
  const interval = `${openLow ? '(' : '['}${low}, ${high === Infinity ? '∞)' : `${high}]`}`;
  return {
    expected: `a finite number in ${interval}`,
    kind: isNumber,
    range: (value: number) =>
      Number.isFinite(value) && (openLow ? value > low : value >= low) && value <= high,
  };
}

/** One of the given strings. */
export function oneOf(...choices: readonly string[]): Rule {
  const quoted = choices.map((choice) => `"${choice}"`);
  const last = quoted.pop();
  return {
    expected: quoted.length ? `${quoted.join(', ')} or ${last}` : `${last}`,
    kind: (value) => typeof value === 'string',
    range: (value: string) => choices.includes(value),
  };
}

/** `true` or `false`. */
export const flag: Rule = {
  expected: 'true or false',
  kind: (v) => typeof v === 'boolean',
  range: () => true,
};

/** Anything whose shape the estimator checks itself, described by `expected`. */
export function shaped(expected: string, kind: (value: unknown) => boolean): Rule {
  return { expected, kind, range: () => true };
}

/** Whether a value has a length and entries, as arrays and typed arrays do. */
export const arrayLike = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && typeof (value as ArrayLike<number>).length === 'number';

/** A non-negative integer that a double holds exactly. */
export const seedRule: Rule = integerIn(0, Number.MAX_SAFE_INTEGER);

/** The rules of `FitControl`, shared by every estimator that fits. */
export const controlRules: Record<'seed' | 'workers' | 'signal' | 'onProgress', Rule> = {
  seed: seedRule,
  workers: integerIn(0, 64),
  signal: shaped('an AbortSignal', (v) => v instanceof AbortSignal),
  onProgress: shaped('a function', (v) => typeof v === 'function'),
};

/**
 * Checks `given` against `rules` and returns it with `defaults` filled in.
 * @param who the function the caller called; it begins every message
 * @throws TypeError for an unknown key or the wrong kind, RangeError for a value out of range
 */
export function checkOptions<Options extends object, Defaults extends Partial<Options>>(
  who: string,
  given: Options,
  rules: { readonly [Key in keyof Options]-?: Rule },
  defaults: Defaults,
): Readonly<Options & Defaults> {
  if (typeof given !== 'object' || given === null)
    throw new TypeError(`${who}: options must be an object; got ${describe(given)}`);
  for (const key of Object.keys(given))
    if (!Object.hasOwn(rules, key))
      throw new TypeError(
        `${who}: unknown option "${key}"; known are ${Object.keys(rules).join(', ')}${takenElsewhere(who, key)}`,
      );
  const checked = { ...defaults, ...definedOnly(given) } as Options & Defaults;
  for (const [key, rule] of Object.entries<Rule>(rules)) {
    const value = (checked as Record<string, unknown>)[key];
    if (value === undefined) {
      if (Object.hasOwn(defaults, key) || !requiredMark.has(rule)) continue;
      throw new TypeError(`${who}: ${key} is required: ${rule.expected}`);
    }
    if (!rule.kind(value))
      throw new TypeError(`${who}: ${key} must be ${rule.expected}; got ${describe(value)}`);
    if (!rule.range(value as never))
      throw new RangeError(`${who}: ${key} must be ${rule.expected}; got ${describe(value)}`);
  }
  return Object.freeze(checked);
}

/** The tag that says which estimators take an option. */
const tagOf: Readonly<Record<string, keyof Tags>> = {
  sampleWeight: 'weights',
  missing: 'missing',
  metric: 'metric',
};

/** Which estimators take the option, if `who` is one that does not. */
function takenElsewhere(who: string, option: string): string {
  const tag = Object.hasOwn(tagOf, option) && Object.hasOwn(tags, who) ? tagOf[option] : undefined;
  return tag ? `; ${takers(tag)} take ${option}` : '';
}

const requiredMark = new WeakSet<Rule>();

/** The rule, for an option that has no default. */
export function required(rule: Rule): Rule {
  const marked = { ...rule };
  requiredMark.add(marked);
  return marked;
}

/** A short, safe picture of any value for an error message. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'function') return 'a function';
  if (value === null || typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${(value as Uint8Array).length})`;
  const name = value.constructor ? value.constructor.name : 'no prototype';
  return name ? `an object (${name})` : 'an object';
}

/** Without the keys that are present but undefined, so that `{ seed: undefined }` means the default. */
function definedOnly<T extends object>(given: T): T {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;
}
