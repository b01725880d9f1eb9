/**
 * The thread programs run in: QuickJS as WebAssembly whose memory cannot grow past its cap. Each program gets a runtime
 * and a context of its own. The thread has Node's modules, and nothing in a context leads to them.
 */
import { parentPort, workerData } from 'node:worker_threads';
import released from '@jitl/quickjs-wasmfile-release-sync';
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSSyncVariant,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core';
import type { Execution } from '../core/host/sandbox.ts';
import { failed, outOfTime, readValue, tooLong, type SandboxLimits } from './limits.ts';
import { PRELUDE } from './prelude.ts';

export interface WorkerSetup {
  readonly module: WebAssembly.Module;
  readonly limits: SandboxLimits;
}
export interface Job {
  readonly code: string;
  /** As JSON. */
  readonly globals: string;
  readonly seed: number;
}
export interface Reply {
  readonly execution: Execution;
  /** Whether the thread may have suffered and is not to be used again. */
  readonly spent: boolean;
}

const PAGE = 65_536;
const MEGABYTE = 1 << 20;
/** QuickJS is built to start with 16 MB of its own. */
const FIRST_PAGES = 256;
const STACK = 256 * 1024;
const JOBS_AT_A_TIME = 1000;
/** QuickJS meets its limit a little before the last page. */
const FULL_SHARE = 0.75;

// A program's clock is in UTC wherever the machine stands: QuickJS asks this thread for the offset.
// oxlint-disable-next-line no-extend-native -- this thread has no other use for it
Date.prototype.getTimezoneOffset = () => 0;

// Its declarations are those of the CommonJS twin, whose default export is one level up.
const variant = released as unknown as QuickJSSyncVariant;
const { module, limits } = workerData as WorkerSetup;
const port = parentPort as NonNullable<typeof parentPort>;
const memory = new WebAssembly.Memory({
  initial: FIRST_PAGES,
  maximum: FIRST_PAGES + Math.ceil((limits.memoryMb * MEGABYTE) / PAGE),
});
/** Memory grows and never shrinks: this tells that a program came near its limit, whatever it has freed since. */
const wasFull = (): boolean => memory.buffer.byteLength - FIRST_PAGES * PAGE >= FULL_SHARE * limits.memoryMb * MEGABYTE;
const quickjs = await newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmModule: module, wasmMemory: memory }));

port.on('message', (job: Job) => port.postMessage(answer(quickjs, job)));
port.postMessage('ready');

function answer(quickjs: QuickJSWASMModule, job: Job): Reply {
  try {
    return execute(quickjs, job);
  } catch (error) {
    const message = `The program broke its interpreter (${error instanceof Error ? error.message : String(error)}).`;
    return { execution: failed('memory', message.slice(0, 300)), spent: true };
  }
}

function execute(quickjs: QuickJSWASMModule, job: Job): Reply {
  let deadline = Infinity;
  let late = false;
  const runtime = quickjs.newRuntime({
    memoryLimitBytes: limits.memoryMb * MEGABYTE,
    maxStackSizeBytes: STACK,
    interruptHandler: () => (late ||= performance.now() > deadline),
  });
  const context = runtime.newContext();
  const held: QuickJSHandle[] = [];
  const keep = (handle: QuickJSHandle): QuickJSHandle => (held.push(handle), handle);
  const within = inside(context, keep);
  const prelude = within.tools(job);
  deadline = performance.now() + limits.timeoutMs; // the program's time begins when all is ready for it
  const run = (): Execution => {
    const ran = within.program(job.code, () => late);
    const output = within.text(prelude, 'output') ?? '';
    if (late) return outOfTime(limits);
    if (within.flag(prelude, 'over') || output.length > limits.outputChars)
      return tooLong('output', limits.outputChars);
    if (ran.kind === 'pending')
      return failed('thrown', 'The program returned a promise that is never settled.', output);
    if (ran.kind === 'thrown') {
      const message = within.text(prelude, 'describe', ran.error, 1000) ?? UNSHOWN;
      if (late) return outOfTime(limits);
      if (ran.compiled && (within.flag(prelude, 'limit', ran.error) || (message === NOTHING && wasFull())))
        return failed('memory', atLimit(message), output);
      return failed(!ran.compiled && message.startsWith('SyntaxError') ? 'syntax' : 'thrown', message, output);
    }
    const encoded = within.encode(prelude, ran.value);
    if (late) return outOfTime(limits);
    switch (encoded.kind) {
      case 'none':
        return readValue(undefined, output);
      case 'text':
        return readValue(encoded.text, output);
      case 'long':
        return tooLong('value', limits.resultChars);
      case 'thrown': {
        const message = within.text(prelude, 'describe', encoded.error, 1000) ?? 'it cannot be read';
        const why = `The value the program returned has no JSON form. ${message}`;
        if (late) return outOfTime(limits);
        return within.flag(prelude, 'limit', encoded.error)
          ? failed('memory', atLimit(message), output)
          : failed('unsupported', why, output);
      }
    }
  };
  const execution = run();
  // After a limit the allocator may be left in any state: better a new thread than a doubt.
  if (wasFull()) return { execution, spent: true };
  if (execution.kind === 'error' && execution.reason !== 'thrown' && execution.reason !== 'syntax')
    return { execution, spent: true };
  try {
    for (const handle of held) if (handle.alive) handle.dispose();
    context.dispose();
    runtime.dispose();
    return { execution, spent: false };
  } catch {
    return { execution, spent: true }; // the program is through, and its interpreter does not come clean
  }
}

type Ran =
  | { readonly kind: 'value'; readonly value: QuickJSHandle }
  | { readonly kind: 'thrown'; readonly error: QuickJSHandle; readonly compiled: boolean }
  | { readonly kind: 'pending' };
type Encoded =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'long' }
  | { readonly kind: 'thrown'; readonly error: QuickJSHandle };

/** What is asked of a context. Nothing that comes out of one is trusted: texts are measured before they are copied. */
function inside(context: QuickJSContext, keep: (handle: QuickJSHandle) => QuickJSHandle) {
  const call = (tools: QuickJSHandle, name: string, ...given: QuickJSHandle[]): QuickJSHandle | QuickJSHandle[] => {
    const result = context.callFunction(keep(context.getProp(tools, name)), context.undefined, ...given);
    return result.error ? [keep(result.error)] : keep(result.value);
  };
  const lengthOf = (handle: QuickJSHandle): number => context.getNumber(keep(context.getProp(handle, 'length')));
  const copied = (handle: QuickJSHandle, most: number): string | undefined =>
    context.typeof(handle) === 'string' && lengthOf(handle) <= most ? context.getString(handle) : undefined;
  return {
    tools({ seed, globals }: Job): QuickJSHandle {
      const made = context.unwrapResult(context.evalCode(PRELUDE, 'prelude.js'));
      const given = [context.newNumber(seed), context.newString(globals), context.newNumber(limits.outputChars)];
      for (const handle of [made, ...given]) keep(handle);
      return keep(context.unwrapResult(context.callFunction(made, context.undefined, ...given)));
    },
    program(code: string, late: () => boolean): Ran {
      const compile = (kind: string): ReturnType<QuickJSContext['evalCode']> =>
        context.evalCode(`(${kind} () {${code}\n})`, 'program.js');
      let compiled = compile('function');
      if (compiled.error && /\bawait\b/.test(code)) {
        keep(compiled.error);
        compiled = compile('async function');
      }
      if (compiled.error) return { kind: 'thrown', error: keep(compiled.error), compiled: false };
      const ran = context.callFunction(keep(compiled.value), context.undefined);
      if (ran.error) return { kind: 'thrown', error: keep(ran.error), compiled: true };
      return settled(keep(ran.value), late);

      function settled(value: QuickJSHandle, late: () => boolean): Ran {
        for (;;) {
          const state = context.getPromiseState(value);
          if (state.type === 'rejected') return { kind: 'thrown', error: keep(state.error), compiled: true };
          if (state.type === 'fulfilled')
            return { kind: 'value', value: state.notAPromise ? value : keep(state.value) };
          const { runtime } = context;
          if (late() || !runtime.hasPendingJob()) return { kind: 'pending' };
          const jobs = runtime.executePendingJobs(JOBS_AT_A_TIME);
          if (jobs.error) return { kind: 'thrown', error: keep(jobs.error), compiled: true };
        }
      }
    },
    encode(tools: QuickJSHandle, value: QuickJSHandle): Encoded {
      const result = call(tools, 'encode', value);
      if (Array.isArray(result)) return { kind: 'thrown', error: result[0] as QuickJSHandle };
      if (context.typeof(result) !== 'string') return { kind: 'none' };
      const text = copied(result, limits.resultChars);
      return text === undefined ? { kind: 'long' } : { kind: 'text', text };
    },
    /** What a tool returns where it is a text of at most `most` characters. */
    text(
      tools: QuickJSHandle,
      name: string,
      given?: QuickJSHandle,
      most: number = limits.outputChars,
    ): string | undefined {
      const result = call(tools, name, ...(given ? [given] : []));
      return Array.isArray(result) ? undefined : copied(result, most);
    },
    flag(tools: QuickJSHandle, name: string, given?: QuickJSHandle): boolean {
      const result = call(tools, name, ...(given ? [given] : []));
      return !Array.isArray(result) && context.typeof(result) === 'boolean' && context.getNumber(result) !== 0;
    },
  };
}

const NOTHING = 'thrown: null';
const UNSHOWN = 'thrown: something that cannot be shown';

/** Where there was no room left for an error, what is thrown says nothing. */
function atLimit(message: string): string {
  return message === NOTHING || message === UNSHOWN ? 'InternalError: out of memory' : message;
}
