/** The indices of the scores in increasing order of scores; equal scores keep their order. */
export function smallestFirst(scores: Float64Array): number[] {
  return [...scores.keys()].sort((a, b) => scores[a]! - scores[b]! || a - b);
}
