/** A client that asks one question in one of several ways, and judges the reply without knowing what happened behind. */
import { request as send } from 'node:http';
import { answerTo, tokensOf } from './upstream.ts';

export const WAYS = ['handed on', 'handed on, streamed', 'voted', 'voted, streamed'] as const;
export type Way = (typeof WAYS)[number];

/** The candidates of a vote. */
export const VOTES = 3;

export interface Question {
  readonly id: number;
  readonly way: Way;
  readonly deadlineMs?: number | undefined;
  /** Milliseconds between two pieces that are read. */
  readonly slowMs?: number | undefined;
  readonly padding?: number | undefined;
}

export interface Verdict {
  /** How it went: `gone` where the connection ended before the first byte of a reply. */
  readonly end: 'answered' | 'refused' | 'gone';
  readonly status: number;
  readonly code: string | undefined;
  /** Answers of the upstream that the reply's account has, and calls of which it knows nothing. */
  readonly reported: number | undefined;
  readonly unreported: number | undefined;
  /** What must not be, in words. */
  readonly wrong: readonly string[];
}

export function bodyOf({ id, way, deadlineMs }: Question): string {
  return JSON.stringify({
    model: way.startsWith('voted') ? `m + selfConsistency(n=${VOTES})` : 'm',
    messages: [{ role: 'user', content: `Number ${id}?` }],
    max_tokens: 20,
    ...(way.endsWith('streamed') && { stream: true, stream_options: { include_usage: true } }),
    ...(deadlineMs !== undefined && { plusx: { deadline_ms: deadlineMs } }),
  });
}

interface Heard {
  readonly status: number;
  readonly headers: { readonly [name: string]: unknown };
  readonly text: string;
  /** The connection broke off in the middle. */
  readonly isCut: boolean;
}

export async function ask(port: number, key: string, question: Question): Promise<Verdict> {
  const heard = await hear(port, key, question);
  if (!heard) return { end: 'gone', status: 0, code: undefined, reported: undefined, unreported: undefined, wrong: [] };
  return judged(question, heard);
}

/** The reply, read to its end; nothing where the connection ended without a byte. */
function hear(port: number, key: string, question: Question): Promise<Heard | undefined> {
  const { slowMs } = question;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no end of a reply to ${bodyOf(question)}`)), 60_000);
    const done = (heard: Heard | undefined): void => {
      clearTimeout(timer);
      resolve(heard);
    };
    const request = send({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/v1/chat/completions',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, connection: 'close' },
      agent: false,
    });
    request.on('error', () => done(undefined));
    request.on('response', (response) => {
      const pieces: Buffer[] = [];
      const told = (isCut: boolean): void =>
        done({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(pieces).toString(),
          isCut,
        });
      response.on('data', (piece: Buffer) => {
        pieces.push(piece);
        if (slowMs === undefined) return;
        response.pause();
        setTimeout(() => response.resume(), slowMs);
      });
      response.on('end', () => told(!response.complete));
      response.on('error', () => told(true));
    });
    request.end(bodyOf(question));
  });
}

interface Account {
  readonly prompt_tokens?: number;
  readonly completion_tokens?: number;
  readonly plusx?: { readonly calls: number; readonly unreported: number };
}

function judged(question: Question, { status, headers, text, isCut }: Heard): Verdict {
  const wrong: string[] = [];
  const say = (what: string): void =>
    void wrong.push(`${question.way} ${question.id}: ${what}: ${status} ${text.slice(-400)}`);
  const isStream = /event-stream/.test(String(headers['content-type']));
  const rest = { status, code: undefined, reported: undefined, unreported: undefined, wrong };
  if (isCut) {
    say('the reply was cut off');
    return { end: 'refused', ...rest };
  }
  const events = isStream ? eventsIn(text) : undefined;
  const last = events ? events.at(-1) : parsed(text);
  const error = errorIn(isStream ? events?.find((event) => errorIn(event)) : last);
  if (error || status !== 200) {
    if (!isWellFormed(error)) say('an error in another form');
    if (error?.code === 'internal_error') say('an error of the server itself');
    if (isStream ? status !== 200 : !(status >= 400 && status < 600)) say('a wrong status');
    if (events?.includes('[DONE]')) say('a failure with a good end');
    return { end: 'refused', ...rest, code: error?.code ?? undefined };
  }
  if (isStream && last !== '[DONE]') say('a stream without an end');
  const content = events ? events.map(deltaIn).join('') : contentIn(last);
  const right = `${'~'.repeat(question.padding ?? 0)}${answerTo(String(question.id))}`;
  if (content !== right) say('a wrong answer');
  const usage = (events ? events.map(usageIn).findLast(Boolean) : usageIn(last)) as Account | undefined;
  const calls = usage?.plusx?.calls ?? 1;
  const unreported = usage?.plusx?.unreported ?? 0;
  const { prompt_tokens: prompt, completion_tokens: completion } = tokensOf(String(question.id));
  if (!usage) say('no account');
  else if (
    usage.prompt_tokens !== (calls - unreported) * prompt ||
    usage.completion_tokens !== (calls - unreported) * completion
  )
    say(`an account that is not ${calls - unreported} times ${prompt} + ${completion}`);
  if (question.way.startsWith('voted') && usage && calls !== VOTES && question.deadlineMs === undefined)
    say(`a vote of ${calls} calls`);
  return { end: 'answered', status, code: undefined, reported: calls - unreported, unreported, wrong };
}

function eventsIn(text: string): unknown[] {
  return text.split('\n\n').flatMap((block) => {
    const data = /^data: (.*)$/m.exec(block)?.[1];
    return data === undefined ? [] : [data === '[DONE]' ? data : parsed(data)];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Fields {
  readonly [name: string]: unknown;
}
const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null ? (value as Fields) : undefined;
const errorIn = (value: unknown): { readonly code?: string | null; readonly [field: string]: unknown } | undefined =>
  fieldsOf(fieldsOf(value)?.['error']);
const isWellFormed = (error: Fields | undefined): boolean =>
  typeof error?.['message'] === 'string' && typeof error['type'] === 'string' && 'param' in error && 'code' in error;
const choiceIn = (value: unknown): Fields | undefined =>
  fieldsOf((fieldsOf(value)?.['choices'] as unknown[] | undefined)?.[0]);
const contentIn = (value: unknown): unknown => fieldsOf(choiceIn(value)?.['message'])?.['content'];
const deltaIn = (value: unknown): string => {
  const content = fieldsOf(choiceIn(value)?.['delta'])?.['content'];
  return typeof content === 'string' ? content : '';
};
const usageIn = (value: unknown): unknown => fieldsOf(value)?.['usage'] ?? undefined;
