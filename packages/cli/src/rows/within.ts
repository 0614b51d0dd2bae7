/** Does some work, and says in its errors where the trouble is: "train.npz: logits are missing". */
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
