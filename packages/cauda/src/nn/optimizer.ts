import type { Kernels } from '../kernels/kernels.ts';
import type { CheckedOptimizer } from './options.ts';

/** Moves the parameters one step along the gradient, which it leaves at 0. */
export type Step = (learningRate: number) => void;

/**
 * The optimizer's step for `length` float32 parameters and their gradient, both in the kernels' memory; what it
 * remembers from step to step begins at zero.
 */
export function openOptimizer(
  kernels: Kernels,
  optimizer: CheckedOptimizer,
  parameters: number,
  gradient: number,
  length: number,
): Step {
  const { run } = kernels;
  if (optimizer.name === 'sgd') {
    const velocity = kernels.zeros(length * 4);
    return (rate) => void run.sgdF32(parameters, gradient, velocity, length, optimizer.momentum, rate);
  }
  const { beta1, beta2, epsilon } = optimizer;
  const mean = kernels.zeros(length * 4);
  const square = kernels.zeros(length * 4);
  let power1 = 1;
  let power2 = 1;
  return (rate) => {
    power1 *= beta1;
    power2 *= beta2;
    const corrected = rate / (1 - power1);
    const correction = Math.sqrt(1 - power2);
    run.adamF32(
      parameters,
      gradient,
      mean,
      square,
      length,
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      corrected,
      correction,
      epsilon,
    );
  };
}

/** cos(π t), within 1e-15, for t in [0, 1], without the engine's `Math.cos`: the Taylor series of sin π(½ − t). */
export function cosPi(t: number): number {
  const x = Math.PI * (0.5 - t);
  let sum = 1;
  for (let k = 11; k >= 1; k--) sum = 1 - (sum * x * x) / (2 * k * (2 * k + 1));
  return x * sum;
}

/**
 * The learning rate of step t of `steps`, from 0: `rate`, or rate · ½(1 + cos π t/steps) (Loshchilov and Hutter, *SGDR*,
 * ICLR 2017, eq. 5, without restarts).
 */
export function scheduledRate(
  schedule: 'constant' | 'cosine',
  rate: number,
  step: number,
  steps: number,
): number {
  return schedule === 'constant' ? rate : rate * 0.5 * (1 + cosPi(step / steps));
}
