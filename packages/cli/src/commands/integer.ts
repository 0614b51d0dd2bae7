import { InvalidArgumentError } from 'commander';

/** Reads an option that is an integer in [low, high]. */
export function integer(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < low || value > high)
      throw new InvalidArgumentError(`It must be an integer in [${low}, ${high}].`);
    return value;
  };
}
