/** The places of the scores, the smallest score first; of equal scores, the earlier place. */
export function smallestFirst(scores: Float64Array): number[] {
  return [...scores.keys()].sort((a, b) => scores[a]! - scores[b]! || a - b);
}
