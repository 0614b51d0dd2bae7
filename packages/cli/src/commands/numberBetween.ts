import { InvalidArgumentError } from 'commander';

/**
 * Makes the parser of an option that is a number in (low, high), both excluded.
 * @throws InvalidArgumentError, from the parser, if the text is anything else
 */
export function numberBetween(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value > low && value < high))
      throw new InvalidArgumentError(`It must be a number in (${low}, ${high}).`);
    return value;
  };
}
