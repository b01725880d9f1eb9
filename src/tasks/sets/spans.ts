/** A metric of answers that are several names: all of them and no others, in any order. */
import { answerIn, declaring } from '../../core/index.ts';
import type { FileMetric } from '../task.ts';

export const SPANS: FileMetric = {
  name: 'spans',
  answer: 'answer',
  broken: (expected) =>
    Array.isArray(expected) && expected.length > 0 && expected.every((one) => typeof one === 'string')
      ? undefined
      : 'must be a list of texts',
  grade(sample, { request, expected }) {
    const found = answerIn(sample, declaring(request, 'answer'));
    if (!found) return 0;
    const [given, wanted] = [namesIn(found.text), new Set((expected as readonly string[]).map(plain))];
    return Number(given.size === wanted.size && [...given].every((one) => wanted.has(one)));
  },
};

/** The names of a list with commas, semicolons or "and", in brackets or not. */
function namesIn(text: string): Set<string> {
  const parts = text.replaceAll(/^[[({]|[\])}]$/g, '').split(/[,;\n]|\band\b/i);
  return new Set(parts.map(plain).filter((part) => part !== ''));
}

const plain = (text: string): string => text.toLowerCase().replaceAll(/^[\s"'*]+|[\s"'*.]+$/g, '');
