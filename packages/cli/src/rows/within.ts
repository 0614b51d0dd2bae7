/**
 * Does some work and adds to its errors where they come from, as in "train.npz: logits are missing".
 * @throws Error in place of a TypeError or RangeError; any other error as it is
 */
export async function within<Result>(
  where: string,
  work: () => Result | Promise<Result>,
): Promise<Awaited<Result>> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError)
      throw new Error(`${where}: ${error.message}`, { cause: error });
    throw error;
  }
}
