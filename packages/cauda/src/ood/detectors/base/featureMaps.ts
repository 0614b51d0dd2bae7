import { describe } from '../../../check.ts';
import { Matrix, type MatrixLike, type NumericArray } from '../../../matrix.ts';
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
 * @returns inputs × channels; float64 for a Float64Array or plain numbers, else float32
 * @throws TypeError or RangeError for dims, layout, mask or values that make no sense
 */
export function pooled(who: string, map: FeatureMap): Matrix {
  const { inputs, channels, positions, channelStride, positionStride } = geometryOf(who, map);
  const { data } = map;
  const size = channels * positions;
  if (data?.length !== inputs * size)
    throw new RangeError(
      `${who}: dims [${map.dims.join(', ')}] need ${inputs * size} values; data has ${data?.length}`,
    );
  const mask = checkMask(who, 'mask' in map ? map.mask : undefined, inputs, positions);
  const double = data instanceof Float64Array || Array.isArray(data);
  const means = double ? new Float64Array(inputs * channels) : new Float32Array(inputs * channels);
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
  const part = <Values extends ArrayLike<unknown>>(values: Values): Values => {
    const size = values.length / inputs;
    return (values as unknown as NumericArray).slice(from * size, to * size) as unknown as Values;
  };
  return {
    ...view,
    data: part(view.data),
    dims: [to - from, ...rest],
    ...('mask' in view && view.mask && { mask: part(view.mask) }),
  } as FeatureMap;
}
