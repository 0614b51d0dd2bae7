import { STUDY_FORMAT, STUDY_VERSION, type StudyResult } from './studyResult.ts';

/**
 * Parses the text of a `result.json` and checks that this version can read it.
 * @param path for messages
 * @throws Error that says what the file is instead
 */
export function parseResult(text: string, path: string): StudyResult {
  let value: Partial<StudyResult>;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${path}: expected a study's result in JSON; it does not parse`);
  }
  if (value?.format !== STUDY_FORMAT)
    throw new Error(`${path}: expected format "${STUDY_FORMAT}"; got ${JSON.stringify(value?.format)}`);
  if (value.version !== STUDY_VERSION)
    throw new Error(`${path}: expected version ${STUDY_VERSION} of a study's result; got ${value.version}`);
  return value as StudyResult;
}
