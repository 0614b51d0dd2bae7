/** How long a section took. */
export interface Timed {
  /** Seconds, by the clock on the wall. */
  readonly seconds: number;
}

/** Images of 28 × 28 pixels side by side, `columns` in each row, in one gray PNG. */
export interface Picture {
  /** The PNG file in base64. */
  readonly png: string;
  readonly columns: number;
  /** What each image shows, in reading order. */
  readonly labels: readonly string[];
}
