/** One request from its head to its end: what every route needs, and what happens once it is over. */
import {
  totalTokens,
  type Limits,
  type Model,
  type Reply,
  type Request,
  type Telemetry,
  type Usage,
  type Warning,
} from '../core/index.ts';
import { object, text } from '../models/openai/protocol/index.ts';
import type { Answer } from './http/answer.ts';
import type { Bag } from './http/bag.ts';
import type { FailureKind } from '../config/standby/index.ts';
import { modelIn, readBody, type Body } from './body.ts';
import type { Composer } from './composing.ts';
import type { ServeLimits } from '../config/serve.ts';
import type { ServeOptions } from './config.ts';
import { ClientLeft, type Arrived, type IncomingHttp, type Presence } from './connection.ts';
import { Refusal } from './failure.ts';
import { generation, type Generation } from './generation.ts';
import { handedCalls, type HandedCalls } from './observe/handed.ts';
import type { RecentAnswers } from './observe/recent.ts';
import type { Standby } from './observe/served.ts';
import type { Spending } from '../store/index.ts';
import type { Admission, Caller, Need } from './keys/keys.ts';
import { keptResponses, type KeptResponses } from './responses/kept.ts';
import { affordable, needOfHandedOn, needOfRun } from './keys/need.ts';
import type { Behind, Passing } from './pass/pass.ts';
import { needOfAll, passToOne, type Servers } from './pass/standby.ts';

export interface Exchange {
  readonly body: Body;
  /** The id of the model as the client wrote it. */
  readonly model: string;
  readonly composed: Model;
  readonly limits: ServeLimits;
  readonly header: IncomingHttp['header'];
  /** The end user, where the configuration says which field names one. */
  readonly endUser: string | undefined;
  /** The responses that were kept of whoever asks, where they are kept. */
  readonly kept: KeptResponses | undefined;
  /** Begins the run that answers, on the account of whoever asks. Throws Refusal where it can take more than is left. */
  begin(run: Run): Promise<Generation>;
  /** Hands the request to the server behind it, or to one that stands by. */
  pass(servers: Servers, path: Passing['path']): Promise<Answer>;
  /** What headers ask for. */
  wishes(): { readonly progress: boolean; readonly deadlineMs: number | undefined };
  /** The client has left. */
  leave(): void;
  /** All is said, or nothing more will be. Safe to call twice. */
  end(error?: unknown): void;
}

/** What a run is asked for. */
export interface Run {
  readonly request: Request;
  readonly n: number;
  readonly seed: number | undefined;
  /** What the request allows itself. */
  readonly own: Limits;
}

export interface Facilities {
  /** Names the request, and the generation that it becomes. */
  readonly id: string;
  readonly options: ServeOptions;
  readonly limits: ServeLimits;
  readonly composer: Composer;
  /** What is under way: each is cut by calling it. */
  readonly running: Bag<() => void>;
  /** Told of what is done for the request. */
  readonly telemetry?: Telemetry | undefined;
  /** Told of answers that were handed on, where there is a store. */
  readonly recent?: RecentAnswers | undefined;
  /** Told when an exchange is over. */
  readonly onEnd: (ended: Ended) => void;
}

/** What is known of a request that is over; of one that was not let in, only why. */
export interface Ended {
  readonly model?: string;
  readonly caller?: Caller;
  readonly generation?: string | undefined;
  /** Milliseconds until it was admitted. */
  readonly waitedMs?: number | undefined;
  readonly usage?: Usage | undefined;
  readonly standby?: readonly Standby[] | undefined;
  /** The body as it came. */
  readonly asked?: string | undefined;
  readonly error: unknown;
}

/** Answers a request with a model. Whatever it throws has ended the exchange. */
export async function exchanging(
  arrived: Arrived,
  caller: Caller,
  facilities: Facilities,
  answer: (exchange: Exchange) => Promise<Answer>,
): Promise<Answer> {
  const { id, options, limits, composer, telemetry, recent } = facilities;
  const came = performance.now();
  const { header } = arrived;
  const presence = arrived.presence();
  let started: Generation | undefined;
  let cutOff: (() => void) | undefined;
  let admission: Admission | undefined;
  let used: Spending | undefined;
  let isLost = false;
  let handed: HandedCalls | undefined;
  let waitedMs: number | undefined;
  const admit = async (need: Need): Promise<void> => {
    const begun = performance.now();
    try {
      admission = await caller.account?.admit(need, presence);
    } finally {
      waitedMs = performance.now() - begun;
    }
  };
  const cut = (): void => (started ? started.cut() : cutOff?.());
  const isThrough = facilities.running.add(cut);
  let isOver = false;
  let model = '';
  let asked: string | undefined;
  const end = (error?: unknown): void => {
    if (isOver) return;
    isOver = true;
    isThrough();
    presence.done();
    // The budget of the run knows what was charged, also for calls that broke off.
    admission?.settle(started ? { ...started.context.budget.spent } : used);
    started?.close(error);
    const usage = started ? started.context.ledger.usage : handed?.end(error);
    if (!started && usage)
      recent?.add({ id, owner: caller.key, model, ms: performance.now() - came, usage, status: statusOf(error) });
    const standby = started ? standbyIn(started.context.ledger.warnings) : handed?.fell ? ['fell-back' as const] : [];
    facilities.onEnd({ model, caller, generation: started?.id, waitedMs, usage, standby, asked, error });
  };
  try {
    const body = await readBody(arrived, limits.bodyBytes);
    asked = body.text;
    model = modelIn(body, limits.formula);
    const composed = await composer.compose(model, caller);
    if (presence.reason !== undefined) throw presence.reason;
    return await answer({
      body,
      model,
      composed,
      limits,
      header,
      kept: keptResponses(options, caller),
      endUser: options.endUser && text(body.fields[options.endUser]),
      begin: async ({ request: wanted, n, seed, own }) => {
        const need = needOfRun(composed, wanted, n, own, limits);
        await admit(need);
        const both = narrower(own, admission?.limits ?? {});
        started = generation({
          id,
          telemetry,
          options,
          limits,
          caller,
          presence,
          seed,
          prompt: wanted.prompt,
          own: both,
        });
        return started;
      },
      pass: async (servers, path) => {
        const needs = servers.all.map((one) => needOfHandedOn(body.text, body.fields, one, path));
        const need = needOfAll(needs);
        await admit(need);
        const calls = handedCalls({ calls: need.n, telemetry });
        handed = calls;
        const isOpen = need.tokens === undefined && admission !== undefined;
        const answer = await handOn(header, body, {
          model,
          servers,
          path,
          limits,
          presence,
          end,
          calls,
          onCut: (one) => (cutOff = one),
          mostOutput: servers.all.map(({ billing: { price } }) =>
            isOpen ? affordable(need, shared(admission?.limits ?? {}, needs.length), price) : undefined,
          ),
          onUsage: (usage) => (used = isLost ? undefined : spentOn(usage, need.n)),
          onFall(failure) {
            // A server that said nothing may bill all that was asked of it.
            const isRefusal = /^\d/.test(failure);
            isLost ||= !isRefusal;
            calls.failed(failure, isRefusal);
          },
        });
        return recent ? { ...answer, headers: { ...answer.headers, 'x-plusx-generation': id } } : answer;
      },
      wishes: () => wishesIn(header),
      leave: presence.leave,
      end,
    });
  } catch (error) {
    const met = presence.reason ?? error;
    end(met);
    throw met;
  }
}

interface HandedOn {
  readonly model: string;
  readonly servers: Servers;
  readonly path: Passing['path'];
  readonly limits: ServeLimits;
  readonly presence: Presence;
  readonly end: (error?: unknown) => void;
  /** Gets what ends it early. */
  readonly onCut: (cut: () => void) => void;
  readonly calls: HandedCalls;
  /** For each server. */
  readonly mostOutput: readonly (number | undefined)[];
  readonly onUsage: (usage: Reply['usage'] | undefined) => void;
  readonly onFall: (failure: FailureKind) => void;
}

/** Hands a request on, for as long as the client and the deadline allow. */
async function handOn(header: IncomingHttp['header'], { text, fields }: Body, on: HandedOn): Promise<Answer> {
  const { presence, limits, end } = on;
  const own = object(fields['plusx']);
  const asked = Number(own?.['deadline_ms'] ?? wishesIn(header).deadlineMs ?? Infinity);
  const ms = Math.min(limits.ms, asked > 0 ? asked : Infinity);
  const begun = performance.now();
  on.onCut(() => presence.stop(tooLate(Math.round(performance.now() - begun))));
  const timer = setTimeout(() => presence.stop(tooLate(ms)), ms);
  const onEnd = (error?: unknown): void => {
    clearTimeout(timer);
    end(presence.reason ?? error);
  };
  const passingTo = (at: number, falls: Passing['falls']): Passing => {
    const behind = on.servers.all[at] as Behind;
    const call = on.calls.to(behind.name);
    return {
      behind,
      path: on.path,
      text,
      fields,
      model: on.model,
      header: call.header(header),
      within: call.within,
      stop: presence,
      leave: presence.leave,
      keepAliveMs: limits.keepAliveMs,
      mostOutput: on.mostOutput[at],
      onUsage(usage) {
        call.reported(usage);
        on.onUsage(usage);
      },
      onEnd,
      falls,
    };
  };
  return passToOne(on.servers, passingTo, on.onFall);
}

const statusOf = (error: unknown): 'ok' | 'cancelled' | 'error' =>
  error === undefined ? 'ok' : error instanceof ClientLeft ? 'cancelled' : 'error';

/** What each of several servers may be asked for, so that all together stay within the limits. */
function shared({ tokens, usd, ...rest }: Limits, servers: number): Limits {
  const part = (amount: number | undefined): number | undefined =>
    amount === undefined ? undefined : amount / servers;
  return { ...rest, tokens: part(tokens), usd: part(usd) };
}

/** Which models that stand by a run has asked, as its warnings say. */
function standbyIn(warnings: readonly Warning[]): readonly Standby[] {
  return (['fell-back', 'hedged'] as const).filter((one) => warnings.some(({ code }) => code === one));
}

/** What a call took, where the server says all of it. */
function spentOn(usage: Reply['usage'] | undefined, calls: number): Spending | undefined {
  const tokens = usage && totalTokens(usage);
  return usage && tokens !== undefined && usage.usd !== undefined
    ? { calls, tokens, usd: usage.usd }
    : tokens === undefined
      ? undefined
      : { calls, tokens, usd: 0 };
}

/** The lower of two limits of each amount. */
function narrower(a: Limits, b: Limits): Limits {
  const least = (x: number | undefined, y: number | undefined): number | undefined =>
    x === undefined ? y : y === undefined ? x : Math.min(x, y);
  return {
    calls: least(a.calls, b.calls),
    tokens: least(a.tokens, b.tokens),
    usd: least(a.usd, b.usd),
    ms: least(a.ms, b.ms),
  };
}

const tooLate = (ms: number): Refusal =>
  new Refusal(`The deadline of ${ms} ms came before the answer did. Give it more time.`, {
    status: 504,
    code: 'deadline_exceeded',
  });

/** Milliseconds from now, `x-plusx-deadline-ms`, and `x-plusx-progress: true`. */
function wishesIn(header: IncomingHttp['header']): ReturnType<Exchange['wishes']> {
  const deadline = header('x-plusx-deadline-ms');
  const ms = deadline === undefined ? undefined : Number(deadline);
  if (ms !== undefined && !(ms > 0))
    throw new Refusal('The header x-plusx-deadline-ms must be a number of milliseconds above 0.', {
      param: 'x-plusx-deadline-ms',
      code: 'invalid_value',
    });
  return { progress: header('x-plusx-progress') === 'true', deadlineMs: ms };
}
