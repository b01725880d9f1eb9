/** What was said before a question, as the playground holds it: a link and a trace bring it along. Runs in a browser. */
import type { Message } from '../../core/index.ts';
import { textOf, user } from '../../core/index.ts';

export const ROLES = ['system', 'user', 'assistant'] as const;

/** A message that is all text. */
export interface Turn {
  readonly role: (typeof ROLES)[number];
  readonly text: string;
}

export const MOST_TURNS = 200;

export const isTurn = (value: unknown): value is Turn =>
  typeof value === 'object' &&
  value !== null &&
  'text' in value &&
  typeof value.text === 'string' &&
  'role' in value &&
  ROLES.some((role) => role === value.role);

export function messageOf({ role, text }: Turn): Message {
  if (role === 'system') return { role, content: text };
  return role === 'user' ? user(text) : { role, content: [{ type: 'text', text }] };
}

/** A message as a turn, where nothing of it is lost by that. */
export function turnOf(message: Message): Turn | undefined {
  const { role, content } = message;
  if (role === 'tool') return undefined;
  if (typeof content === 'string') return { role, text: content };
  return content.every(({ type }) => type === 'text') ? { role, text: textOf(content) } : undefined;
}

/** Turns as a link holds them. What is written there by hand and is none is left out. */
export const writeTurns = (turns: readonly Turn[]): string | undefined =>
  turns.length > 0 ? JSON.stringify(turns.map(({ role, text }) => [role, text])) : undefined;

export function readTurns(text: string | null): readonly Turn[] {
  try {
    const read: unknown = JSON.parse(text ?? '[]');
    const turns = Array.isArray(read) ? read.map((one: unknown) => ({ role: at(one, 0), text: at(one, 1) })) : [];
    return turns.filter(isTurn).slice(0, MOST_TURNS);
  } catch {
    return [];
  }
}

const at = (list: unknown, index: number): unknown => (Array.isArray(list) ? list[index] : undefined);
