/** Several candidates of a server that takes `n`, takes a smaller one, refuses it in whatever words, or ignores it. */
import type { CallIO, Reply, Request, UpstreamError, Warning } from '../../core/index.ts';
import { isRefusal, limitIn, speaksOfN, type Memory } from './memory.ts';

/** One request for all the candidates of `io`; `otherwiseAt`: a status that is not waited out. */
export type Ask = (request: Request, io: CallIO, otherwiseAt?: number) => Promise<Reply>;

interface Server {
  readonly ask: Ask;
  readonly name: string;
  readonly memory: Memory;
}

/**
 * Asks for all candidates at once where the server is not known to refuse that, in as few requests as it takes
 * otherwise. What it is found to take is remembered once the candidates are there another way.
 */
export async function severally(request: Request, io: CallIO, server: Server): Promise<Reply> {
  const { ask, memory } = server;
  const wanted = io.choices.length;
  if (wanted === 1) return ask(request, io);
  if (wanted > memory.most) return inParts(request, io, memory.most, server);
  try {
    // Some servers refuse with 500: where several never came, another way is tried before the same one again.
    const reply = await ask(request, io, memory.proven ? undefined : 500);
    const got = reply.candidates.length;
    if (got >= wanted) memory.proven = true;
    else memory.most = Math.max(1, got);
    return reply;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return refused(error, request, io, server);
  }
}

/** The candidates another way. If that fails as well, `n` was not the reason. */
async function refused(error: UpstreamError, request: Request, io: CallIO, server: Server): Promise<Reply> {
  const { name, memory } = server;
  const wanted = io.choices.length;
  let most = limitIn(error, wanted);
  let reply: Reply;
  try {
    reply = await inParts(request, io, most, server, true);
  } catch (again) {
    if (most === 1 || !isRefusal(again)) throw again;
    most = 1;
    reply = await inParts(request, io, most, server, true);
  }
  // A 500 may have been an accident; two are none.
  const isClear = error.status !== 500 || speaksOfN(error) || memory.failures > 0;
  // Some servers refuse several of the likeliest text alone: there is but one.
  if (request.temperature === 0)
    return { ...reply, warnings: [refusal(name, wanted, most, error), ...(reply.warnings ?? [])] };
  if (isClear) memory.most = most;
  else memory.failures++;
  return { ...reply, warnings: [refusal(name, wanted, most, error), ...(reply.warnings ?? [])] };
}

function refusal(name: string, wanted: number, most: number, { message }: UpstreamError): Warning {
  const instead = most === 1 ? 'the candidates are asked for one by one' : `a request asks for ${most} at most`;
  return { code: 'n-ignored', message: `${name} refuses n=${wanted} (${message}): ${instead}` };
}

/** Requests of at most `most` candidates, side by side; in a trial the first is awaited alone, as all may fail. Those behind a failed one are asked for again by whoever counts them. */
async function inParts(request: Request, io: CallIO, most: number, { ask }: Server, isTrial = false): Promise<Reply> {
  const parts: CallIO[] = [];
  for (let at = 0; at < io.choices.length; at += most) parts.push({ ...io, choices: io.choices.slice(at, at + most) });
  const send = (part: CallIO): Promise<Reply> => ask({ ...request, n: part.choices.length }, part);
  const alone = parts.slice(0, isTrial ? 1 : 0);
  const tried = await Promise.all(alone.map(send));
  const rest = await Promise.allSettled(parts.slice(alone.length).map(send));
  const replies = [...tried.map((value) => ({ status: 'fulfilled' as const, value })), ...rest];
  const done = replies.flatMap((reply) => (reply.status === 'fulfilled' ? [reply.value] : []));
  const failed = replies.findIndex(
    (reply, i) => reply.status === 'rejected' || reply.value.candidates.length < (parts[i]?.choices.length ?? 0),
  );
  const first = replies[failed];
  if (first?.status === 'rejected' && (failed === 0 || io.signal.aborted)) throw first.reason;
  const whole = replies.slice(0, failed === -1 ? replies.length : failed + 1);
  return {
    candidates: whole.flatMap((reply) => (reply.status === 'fulfilled' ? reply.value.candidates : [])),
    usage: done.map(({ usage }) => usage).reduce(sum),
    warnings: done.flatMap(({ warnings = [] }) => warnings),
  };
}

type Used = Reply['usage'];

function sum(a: Used, b: Used): Used {
  const plus = (x: number | undefined, y: number | undefined): number | undefined =>
    x === undefined || y === undefined ? undefined : x + y;
  return {
    inputTokens: plus(a.inputTokens, b.inputTokens),
    outputTokens: plus(a.outputTokens, b.outputTokens),
    reasoningTokens: plus(a.reasoningTokens, b.reasoningTokens),
    cachedInputTokens: plus(a.cachedInputTokens, b.cachedInputTokens),
    usd: plus(a.usd, b.usd),
  };
}
