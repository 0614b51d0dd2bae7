import type { MatrixLike, TensorData } from './matrix.ts';
import type { Signal } from './platform.ts';
import type { TensorFormat } from './tensor.ts';

/**
 * Activations that have positions: the channels of an image's places, or the features of a text's tokens. Only `Views`
 * take it, and a guard pools it to one row an input.
 */
export type FeatureMap =
  | (TensorFormat & {
      readonly data: TensorData;
      /** Inputs, channels, height and width for `'nchw'`; inputs, height, width and channels for `'nhwc'`. */
      readonly dims: readonly [number, number, number, number];
      readonly layout: 'nchw' | 'nhwc';
    })
  | (TensorFormat & {
      readonly data: TensorData;
      /** Inputs, tokens, features. */
      readonly dims: readonly [number, number, number];
      /** Inputs × tokens: 0 for a token that is padding. Defaults to 1 for all. */
      readonly mask?: ArrayLike<number | bigint>;
    });

/** What a network makes of its inputs, and what detectors read: one row an input, in the same order everywhere. */
export interface Views {
  /** One layer's activations, or any other description of the inputs (nSamples × nFeatures). */
  readonly features?: MatrixLike | FeatureMap;
  /** Activations of several layers. */
  readonly layers?: readonly (MatrixLike | FeatureMap)[];
  /** The classifier's outputs before the softmax (nSamples × nClasses). */
  readonly logits?: MatrixLike;
  /** The `digest` of the network that made them, where it is known. */
  readonly digest?: string;
}

/** A network that a guard can stand before: `MlpClassifier` is one. */
export interface Network {
  /** Tells this network from every other: a digest of all that it computes with. */
  readonly digest: string;
  /**
   * Whether it takes rows of numbers: a guard then gives `views` a `Matrix` of at most 256 rows at a time, made of whatever
   * counts as a matrix. Left out or false, `views` gets the inputs in one call, exactly as they were given to the guard.
   */
  readonly takesRows?: boolean;
  /**
   * What it makes of inputs: as many rows in every view as there are inputs. An array counts as an input an entry, a
   * tensor (`dims` or `shape`) as many inputs as its first size says.
   */
  views(inputs: unknown, control?: { signal?: Signal }): Views | Promise<Views>;
  /** The network as plain data, if a guard's file is to carry it. */
  toJSON?(): unknown;
}
