/** What a program may take, and how what it returned is read back. */
import { InvalidOption } from '../core/errors.ts';
import type { Json } from '../core/message.ts';
import type { Execution, ExecutionFailure } from '../core/host/sandbox.ts';

export interface SandboxLimits {
  /** Wall time of one program in milliseconds, and in bubblewrap 1500 more for the interpreter to start. Default 2000. */
  readonly timeoutMs: number;
  /** Memory of one program in megabytes, and in Python more for its interpreter: 224 in bubblewrap, 96 in Deno. Default 32. */
  readonly memoryMb: number;
  /** Characters a program may print. Default 65,536. */
  readonly outputChars: number;
  /** Characters of the value it returns, as JSON. Default 65,536. */
  readonly resultChars: number;
}

const DEFAULTS: SandboxLimits = { timeoutMs: 2000, memoryMb: 32, outputChars: 65_536, resultChars: 65_536 };
/** As much as WebAssembly and a machine shared with others bear. */
const MOST: SandboxLimits = { timeoutMs: 600_000, memoryMb: 1024, outputChars: 16_777_216, resultChars: 16_777_216 };
/** Deeper values would exhaust the stack of whoever walks them. */
const DEPTH = 64;

export function limitsOf(given: { readonly [name in keyof SandboxLimits]?: number | undefined }): SandboxLimits {
  const limit = (name: keyof SandboxLimits): number => {
    const value = given[name] ?? DEFAULTS[name];
    if (!Number.isInteger(value) || value < 1 || value > MOST[name])
      throw new InvalidOption({
        where: 'openSandbox',
        option: name,
        rule: `must be an integer from 1 to ${MOST[name]}`,
        value,
      });
    return value;
  };
  return {
    timeoutMs: limit('timeoutMs'),
    memoryMb: limit('memoryMb'),
    outputChars: limit('outputChars'),
    resultChars: limit('resultChars'),
  };
}

export function failed(reason: ExecutionFailure, message: string, output = ''): Execution {
  return { kind: 'error', reason, message, output };
}

export function tooLong(what: 'output' | 'value', most: number): Execution {
  return failed(
    'output',
    what === 'output'
      ? `The program printed more than ${most} characters.`
      : `The value the program returned is longer than ${most} characters.`,
  );
}

export function outOfTime({ timeoutMs }: SandboxLimits): Execution {
  return failed('time', `The program ran longer than ${timeoutMs} ms and was stopped.`);
}

/** The value a program wrote down as JSON, which is not trusted to be of any shape. */
export function readValue(text: string | undefined, output: string): Execution {
  if (text === undefined) return { kind: 'value', value: undefined, output };
  if (depthOf(text) > DEPTH)
    return failed('unsupported', `The value the program returned is nested deeper than ${DEPTH} levels.`, output);
  let prototype = false;
  try {
    const value = JSON.parse(text, (key, inner: Json) => {
      prototype ||= key === '__proto__';
      return inner;
    }) as Json;
    return prototype
      ? failed('unsupported', 'The value the program returned has a key named "__proto__".', output)
      : { kind: 'value', value, output };
  } catch {
    return failed('unsupported', 'The value the program returned is not JSON.', output);
  }
}

/** How deep the brackets of a JSON text go, its strings left aside. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (quoted) {
      if (char === '\\') i++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '[' || char === '{') deepest = Math.max(deepest, ++depth);
    else if (char === ']' || char === '}') depth--;
  }
  return deepest;
}
