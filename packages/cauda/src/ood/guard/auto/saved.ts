import { FieldReader, type SavedReader } from '../../../serialize.ts';
import type { InnerReader } from '../../detectors/base/detector.ts';
import { type EvidenceName, evidence, type GuardChoice, type Term } from './evidence.ts';
import type { GuardCandidate } from './ladder.ts';

/** The terms that `autoGuard` saved, checked. */
export function readTerms(saved: SavedReader, inner: InnerReader): Term[] {
  const values = saved.field('terms');
  if (!Array.isArray(values) || values.length === 0) saved.fail('terms', 'an array of at least one term');
  return (values as unknown[]).map((value, t) => readTerm(`detectorFromJSON: terms[${t}]`, value, inner));
}

function readTerm(who: string, value: unknown, inner: InnerReader): Term {
  const saved = new FieldReader(who, value);
  const name = saved.choice('evidence', Object.keys(evidence) as EvidenceName[]);
  const layered = evidence[name].needs === 'layers';
  return Object.freeze({
    evidence: name,
    weight: saved.number('weight', Number.MIN_VALUE),
    detector: inner.detector(saved.field('detector')),
    ...(layered && { choice: readChoice(`${who}.choice`, saved.field('choice')) }),
  });
}

function readChoice(who: string, value: unknown): GuardChoice {
  const saved = new FieldReader(who, value);
  const candidates = saved.field('candidates');
  if (!Array.isArray(candidates)) saved.fail('candidates', 'an array of candidates');
  return Object.freeze({
    layer: saved.number('layer', 0, Infinity, true),
    chosen: readCandidate(`${who}.chosen`, saved.field('chosen')),
    candidates: Object.freeze(
      (candidates as unknown[]).map((candidate, i) => readCandidate(`${who}.candidates[${i}]`, candidate)),
    ),
  });
}

function readCandidate(who: string, value: unknown): GuardCandidate {
  const saved = new FieldReader(who, value);
  return Object.freeze({
    perClass: saved.number('perClass', 1, Infinity, true),
    covarianceType: saved.choice('covarianceType', ['tied', 'full'] as const),
    heldOut: saved.number('heldOut'),
  });
}
