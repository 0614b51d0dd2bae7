import type { Timed } from '../section.ts';

export interface DerivationsSection extends Timed {
  readonly documents: readonly { readonly name: string; readonly markdown: string }[];
}
