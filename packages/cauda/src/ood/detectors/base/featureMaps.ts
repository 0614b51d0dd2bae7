import { describe } from '../../../check.ts';
import { like, Matrix, type MatrixLike } from '../../../matrix.ts';
import { isNumbers, shown } from '../../../numbers.ts';
import { cutTensor, tensorValues } from '../../../tensor.ts';
import type { FeatureMap } from '../../../views.ts';

/** Whether a view has positions: more than two dimensions. */
export function isFeatureMap(view: unknown): view is FeatureMap {
  if (typeof view !== 'object' || view === null || view instanceof Matrix) return false;
  const { dims } = view as { dims?: unknown };
  return Array.isArray(dims) && dims.length > 2;
}

/** How many inputs there are, and where the values of one channel of an input lie. */
interface Geometry {
  readonly inputs: number;
  readonly channels: number;
  readonly positions: number;
  /** From one channel, and from one position, to the next. */
  readonly channelStride: number;
  readonly positionStride: number;
}

function geometryOf(who: string, { dims, ...map }: FeatureMap): Geometry {
  const sizes: readonly number[] = dims;
  if (sizes.length > 4 || !sizes.every((size) => Number.isSafeInteger(size) && size >= 1))
    throw new RangeError(
      `${who}: dims of a feature map must be 3 or 4 integers ≥ 1; got [${sizes.join(', ')}]`,
    );
  const [inputs, second, third, fourth] = sizes as [number, number, number, number | undefined];
  if (fourth === undefined)
    return { inputs, channels: third, positions: second, channelStride: 1, positionStride: third };
  const { layout } = map as { layout?: 'nchw' | 'nhwc' };
  switch (layout) {
    case 'nchw': {
      const positions = third * fourth;
      return { inputs, channels: second, positions, channelStride: positions, positionStride: 1 };
    }
    case 'nhwc':
      return {
        inputs,
        channels: fourth,
        positions: second * third,
        channelStride: 1,
        positionStride: fourth,
      };
    default:
      layout satisfies undefined;
      throw new TypeError(
        `${who}: layout of a feature map of 4 dimensions must be "nchw" or "nhwc"; got ${describe(layout)}`,
      );
  }
}

/**
 * How many values a map has at each position.
 * @throws TypeError or RangeError for dims or a layout that make no sense
 */
export function channelsOf(who: string, map: FeatureMap): number {
  return geometryOf(who, map).channels;
}

/**
 * The mean over the positions of a map, in order and summed in float64; of tokens, over those whose mask is not 0.
 * @returns inputs × channels; in the precision that `Matrix` gives such data
 * @throws TypeError or RangeError for dims, layout, mask or values that make no sense
 */
export function pooled(who: string, map: FeatureMap): Matrix {
  const { inputs, channels, positions, channelStride, positionStride } = geometryOf(who, map);
  const { data: given, dims } = map;
  if (!isNumbers(given))
    throw new TypeError(`${who}: data of a feature map must be an array of numbers; got ${describe(given)}`);
  const size = channels * positions;
  const place = (at: number): string => `${who}: row ${Math.floor(at / size)}, value ${at % size}`;
  const data = tensorValues(who, { ...map, data: given }, dims, 'dims', place);
  const mask = checkMask(who, 'mask' in map ? map.mask : undefined, inputs, positions);
  const means = like(data, inputs * channels);
  const kept = Array.from({ length: positions }, (_, t) => t);
  for (let i = 0; i < inputs; i++) {
    const counted = mask ? kept.filter((t) => Number(mask[i * positions + t]) !== 0) : kept;
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (const t of counted) sum += data[i * size + c * channelStride + t * positionStride]!;
      means[i * channels + c] = sum / counted.length;
    }
  }
  return Matrix.from(new Matrix(means, inputs, channels), { who });
}

function checkMask(
  who: string,
  mask: ArrayLike<number | bigint> | undefined,
  inputs: number,
  tokens: number,
): ArrayLike<number | bigint> | undefined {
  if (mask === undefined) return undefined;
  if (mask.length !== inputs * tokens)
    throw new RangeError(
      `${who}: mask must have a value for each token, ${inputs} × ${tokens}; got ${describe(mask)}`,
    );
  for (let at = 0; at < mask.length; at++)
    if (!['number', 'bigint', 'boolean'].includes(typeof mask[at]))
      throw new TypeError(`${who}: mask[${at}] must be a number; got ${shown(mask, at)}`);
  for (let i = 0; i < inputs; i++) {
    let some = false;
    for (let t = 0; t < tokens && !some; t++) some = Number(mask[i * tokens + t]) !== 0;
    if (!some) throw new RangeError(`${who}: mask leaves row ${i} without a token; keep at least one`);
  }
  return mask;
}

/** A view's inputs [from, to). */
export function cutView<View extends MatrixLike | FeatureMap>(
  view: View,
  from: number,
  to: number,
): Matrix | FeatureMap {
  if (!isFeatureMap(view)) {
    const { data, cols } = Matrix.from(view as MatrixLike);
    return new Matrix(data.subarray(from * cols, to * cols), to - from, cols);
  }
  const [inputs, ...rest] = view.dims;
  const cut = cutTensor('feature map', view, view.dims, from);
  if (!('mask' in view && view.mask)) return { ...cut, dims: [to - from, ...rest] } as FeatureMap;
  const tokens = view.mask.length / inputs;
  const mask = Array.from(view.mask).slice(from * tokens, to * tokens);
  return { ...cut, dims: [to - from, ...rest], mask } as FeatureMap;
}
