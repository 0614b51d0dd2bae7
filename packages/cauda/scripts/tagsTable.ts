import { type Tags, tags } from '../src/index.ts';

/** The table of the guide: what each estimator takes, made from its tags. */
function tagsTable(): string {
  const yes = (value: boolean): string => (value ? '●' : '–');
  const missing = { true: '● `missing`', false: '–', always: '● stays' };
  const rows = Object.entries<Tags>(tags).map(([name, tag]) =>
    [
      `\`${name}\``,
      yes(tag.weights),
      missing[`${tag.missing}`],
      yes(tag.sparse),
      yes(tag.source),
      yes(tag.stream),
      tag.metric.join(', ') || '–',
    ].join(' | '),
  );
  const head = 'estimator | `sampleWeight` | NaN | sparse rows | a source | `partialFit` | `metric`';
  return [head, ':-- | :-: | :-: | :-: | :-: | :-: | :--', ...rows].map((row) => `| ${row} |`).join('\n');
}

/**
 * The document with its table of tags made anew, between the two comments that mark its place.
 * @throws Error if it has no such place
 */
export function withTagsTable(document: string): string {
  const place = /(<!-- tags[^>]*-->\n)[\s\S]*?(<!-- \/tags -->)/;
  if (!place.test(document)) throw new Error('docs: the document has no place for the table of tags');
  return document.replace(place, (_, from: string, to: string) => `${from}${tagsTable()}\n${to}`);
}
