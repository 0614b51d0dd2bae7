import { expect, test } from 'vitest';
import { parseResult } from './parseResult.ts';
import { STUDY_FORMAT, STUDY_VERSION } from './studyResult.ts';

const result = { format: STUDY_FORMAT, version: STUDY_VERSION, sections: {} };

test('a result is read as it was written', () => {
  expect(parseResult(JSON.stringify(result), 'r.json')).toEqual(result);
});

test('a result of another version or format is refused in one sentence', () => {
  const read = (value: unknown) => () => parseResult(JSON.stringify(value), 'r.json');
  expect(read({ ...result, version: 2 })).toThrow(
    new Error("r.json: expected version 1 of a study's result; got 2"),
  );
  expect(read({ format: 'cauda.kmeans' })).toThrow(
    new Error('r.json: expected format "cauda-study"; got "cauda.kmeans"'),
  );
  expect(read(null)).toThrow(new Error('r.json: expected format "cauda-study"; got undefined'));
  expect(() => parseResult('{', 'r.json')).toThrow(
    new Error("r.json: expected a study's result in JSON; it does not parse"),
  );
});
