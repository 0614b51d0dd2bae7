/** Seconds that a section took, on the wall's clock. */
export interface Timed {
  readonly seconds: number;
}

/** Images side by side, `columns` a row, 28 × 28 pixels each, in one grey PNG. */
export interface Picture {
  /** The PNG file in base64. */
  readonly png: string;
  readonly columns: number;
  /** What each image shows, in reading order. */
  readonly labels: readonly string[];
}
