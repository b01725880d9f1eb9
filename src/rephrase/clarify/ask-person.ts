/** Questions to the person who asked: each is put once, however many candidates have it. */
import { NO_USAGE, textOf, type Context, type Host } from '../../core/index.ts';
import { stoppable } from '../../core/context/abort.ts';

/** A host with somebody who answers. */
export type Attended = Host & { readonly respond: NonNullable<Host['respond']> };

/** The replies that are under way or in, by the host, which stands for one person, and by the question. */
const replies = new WeakMap<Host, Map<string, Promise<string>>>();

/**
 * The person's reply, from the journal where the run has had it before. Candidates drawn side by side share the reply to
 * one question about the same request (`about`); a question that was cut off is put again for those who still wait.
 */
export async function askPerson(host: Attended, about: string, question: string, at: Context): Promise<string> {
  const key = `person\n${about}\n${question}\n${at.choice.id}`;
  const known = await at.journal?.get(key);
  if (known) return textOf(known.candidate.content);
  const reply = await shared(host, `${about}\n${question}`, question, at);
  const candidate = {
    content: [{ type: 'text' as const, text: reply }],
    finish: { unified: 'stop' as const, raw: undefined },
  };
  await at.journal?.put(key, { candidate, usage: NO_USAGE });
  return reply;
}

async function shared(host: Attended, key: string, question: string, at: Context): Promise<string> {
  const known = replies.get(host) ?? new Map<string, Promise<string>>();
  replies.set(host, known);
  for (;;) {
    at.signal.throwIfAborted();
    const waiting = known.get(key);
    if (!waiting) {
      const reply = stoppable(host.respond(question, at), at.signal);
      known.set(key, reply);
      reply.catch(() => known.delete(key));
      return reply;
    }
    try {
      return await stoppable(waiting, at.signal);
    } catch {
      // The one who asked was cut off; whoever still waits asks anew.
    }
  }
}

export function isAttended(host: Host | undefined): host is Attended {
  return host?.respond !== undefined;
}
