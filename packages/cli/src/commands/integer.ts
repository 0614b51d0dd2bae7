import { InvalidArgumentError } from 'commander';

/**
 * Makes the parser of an option that is an integer in [low, high].
 * @throws InvalidArgumentError, from the parser, if the text is anything else
 */
export function integer(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < low || value > high)
      throw new InvalidArgumentError(`It must be an integer in [${low}, ${high}].`);
    return value;
  };
}
