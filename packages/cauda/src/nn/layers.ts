import { roundUp } from '../kernels/kernels.ts';
import { Matrix } from '../matrix.ts';
import type { Random } from '../random.ts';

/** A dense layer, float32: its output is x · weights + bias. */
export interface DenseLayer {
  /** fanIn × fanOut. */
  readonly weights: Matrix;
  /** Length fanOut. */
  readonly bias: Float32Array;
}

/** Where a layer's parameters lie in one array of them all, in elements; sizes are padded to the kernels' tiles. */
interface LayerPlace {
  readonly fanIn: number;
  readonly fanOut: number;
  /** Rows of the padded weights, also the stride of the layer's input. */
  readonly rows: number;
  /** Stride of the padded weights, also of the layer's output. */
  readonly stride: number;
  readonly weights: number;
  readonly bias: number;
}

/** The places of all layers of a network, and the length of the array that holds them. */
export interface Layout {
  readonly places: readonly LayerPlace[];
  readonly length: number;
}

/** The kernels' tiles are 8 columns wide. */
const TILE = 8;

/** @param sizes features, hidden layers, classes */
export function layoutOf(sizes: readonly number[]): Layout {
  let length = 0;
  const places = sizes.slice(1).map((fanOut, l) => {
    const fanIn = sizes[l]!;
    const rows = roundUp(fanIn, TILE);
    const stride = roundUp(fanOut, TILE);
    const weights = length;
    const bias = weights + rows * stride;
    length = bias + stride;
    return { fanIn, fanOut, rows, stride, weights, bias };
  });
  return { places, length };
}

/** Packs the layers into one array, which is 0 where it is padded. */
export function pack(layers: readonly DenseLayer[], { places, length }: Layout): Float32Array {
  const parameters = new Float32Array(length);
  places.forEach(({ fanIn, stride, weights, bias }, l) => {
    const layer = layers[l]!;
    for (let i = 0; i < fanIn; i++) parameters.set(layer.weights.row(i), weights + i * stride);
    parameters.set(layer.bias, bias);
  });
  return parameters;
}

/** Makes layers of what `pack` packed. */
export function unpack(parameters: Float32Array, { places }: Layout): DenseLayer[] {
  return places.map(({ fanIn, fanOut, stride, weights, bias }) => {
    const data = new Float32Array(fanIn * fanOut);
    for (let i = 0; i < fanIn; i++)
      data.set(parameters.subarray(weights + i * stride, weights + i * stride + fanOut), i * fanOut);
    return { weights: new Matrix(data, fanIn, fanOut), bias: parameters.slice(bias, bias + fanOut) };
  });
}

/**
 * Layers as torch's `nn.Linear` begins: weights and bias uniform in ±1/√fanIn (He et al., *Delving deep into
 * rectifiers*, ICCV 2015, with a = √5).
 */
export function initialLayers(sizes: readonly number[], random: Random): DenseLayer[] {
  return sizes.slice(1).map((fanOut, l) => {
    const fanIn = sizes[l]!;
    const bound = 1 / Math.sqrt(fanIn);
    const draw = () => (2 * random.uniform() - 1) * bound;
    return {
      weights: new Matrix(Float32Array.from({ length: fanIn * fanOut }, draw), fanIn, fanOut),
      bias: Float32Array.from({ length: fanOut }, draw),
    };
  });
}
