/** Grading by running: the code of an answer and its tests go to the host's sandbox, and nowhere else. */
import { canonicalJson, hostPart, LANGUAGES, recorded, textOf, type Json, type Language } from '../core/index.ts';
import { programIn } from '../core/reading/index.ts';
import type { FileMetric } from './task.ts';

/** What is expected of code: tests that throw where it is wrong. A text alone is tests in JavaScript. */
interface Tests {
  readonly language: Language;
  readonly tests: string;
  /** Code the answer may go on from: it stands before an answer that does not repeat it. */
  readonly start: string | undefined;
}

/** 1 where all tests run through, 0 where one throws or the sandbox stops it. */
export const CODE: FileMetric = {
  name: 'code',
  answer: 'code',
  broken: (expected) =>
    testsOf(expected)
      ? undefined
      : 'must be tests in JavaScript, or {"tests": ..., "language": "javascript" or "python"}',
  async grade({ content }, { expected }, context) {
    const sandbox = hostPart(context, 'the metric code', 'sandbox');
    const { language, tests, start } = testsOf(expected) as Tests;
    const program = programIn(textOf(content), language);
    if (program === undefined) return 0;
    const whole = start !== undefined && !repeats(program, start) ? start + program : program;
    // Known to nobody before: a program that leaves early, with whatever value, has not passed its tests.
    const passed = `passed ${context.choice.fork('passed').seed()}`;
    const code = JOIN[language](whole, tests, JSON.stringify(passed));
    const ended = await recorded<Json>(context, canonicalJson({ metric: 'code', language, code }), async () => ({
      ...(await sandbox.run({ language, code }, { signal: context.signal })),
    }));
    return Number((ended as { readonly value?: Json }).value === passed);
  },
};

function testsOf(expected: Json | undefined): Tests | undefined {
  if (typeof expected === 'string') return { language: 'javascript', tests: expected, start: undefined };
  if (typeof expected !== 'object' || expected === null || Array.isArray(expected)) return undefined;
  const { tests, language = 'javascript', start } = expected as { readonly [field: string]: Json | undefined };
  const known = LANGUAGES.find((one) => one === language);
  return typeof tests === 'string' && known
    ? { language: known, tests, start: typeof start === 'string' ? start : undefined }
    : undefined;
}

const JOIN: { readonly [language in Language]: (code: string, tests: string, passed: string) => string } = {
  javascript: (code, tests, passed) =>
    `${ASSERT}\n${code}\n;(function (assert) {${tests}\n})(globalThis.assert);\nreturn ${passed};`,
  python: (code, tests, passed) => `${code}\n\n${tests}\n\nanswer = ${passed}\n`,
};

/** What tests in JavaScript are written with. */
const ASSERT = `{
  const assert = (holds, message) => { if (!holds) throw new Error(message || 'a test failed'); };
  const { stringify } = JSON;
  assert.equal = (a, b) => assert(stringify(a) === stringify(b), stringify(a) + ' is not ' + stringify(b));
  Object.defineProperty(globalThis, 'assert', { value: Object.freeze(assert) });
}`;

/** Whether a program defines again what it was to go on from. */
function repeats(program: string, start: string): boolean {
  const name = [...start.matchAll(/^def\s+(\w+)/gm)].at(-1)?.[1];
  return name !== undefined && new RegExp(`^def\\s+${name}\\b`, 'm').test(program);
}
