/**
 * An answer as the items of a response, and as the events that tell of them: each item is added, filled, and done, every event has its
 * number. Strict clients show an empty answer where one of them is missing.
 */
import type { StreamPart, TokenLogprob } from '../../core/index.ts';
import { progressFinder } from '../../core/technique/progress.ts';
import type { Wire } from '../../models/openai/protocol/index.ts';
import { logprobsOf, marksRefusal } from '../chat/reply.ts';

export interface ItemWriter {
  /** The events that a part amounts to. */
  write(part: StreamPart): readonly Wire[];
  /** Ends what is open. */
  end(): readonly Wire[];
  /** The items so far, whole. */
  readonly output: readonly Wire[];
}

interface Wishes {
  /** Makes the ids of items. */
  readonly id: string;
  /** How many alternatives of each token are told; nothing where no log-probabilities are. */
  readonly logprobs: number | undefined;
  /** Whether what techniques are doing is told. */
  readonly progress: boolean;
}

type Kind = 'output_text' | 'refusal' | 'reasoning_text';

/** A text that is being written: one part in an item of its own. */
interface Open {
  readonly kind: Kind;
  readonly item: string;
  readonly index: number;
  text: string;
  readonly tokens: unknown[];
}

interface OpenCall {
  readonly item: string;
  readonly index: number;
  readonly call: string;
  readonly name: string;
  input: string;
}

const PREFIX = { output_text: 'msg', refusal: 'msg', reasoning_text: 'rs' } as const;

export function itemWriter({ id, logprobs, progress }: Wishes): ItemWriter {
  const output: Wire[] = [];
  const calls = new Map<string, OpenCall>();
  let open: Open | undefined;
  const isProgress = progressFinder();

  const add = (item: Wire): { readonly index: number; readonly event: Wire } => {
    const index = output.push(item) - 1;
    return { index, event: { type: 'response.output_item.added', output_index: index, item } };
  };
  const close = (): Wire[] => {
    if (!open) return [];
    const { kind, item: itemId, index, text, tokens } = open;
    open = undefined;
    const part = partOf(kind, text, tokens);
    const item = itemOf(kind, itemId, 'completed', [part]);
    output[index] = item;
    const place = { item_id: itemId, output_index: index, content_index: 0 };
    return [
      {
        type: `response.${kind}.done`,
        ...place,
        ...(kind === 'refusal' ? { refusal: text } : { text }),
        ...(kind === 'output_text' && { logprobs: tokens }),
      },
      { type: 'response.content_part.done', ...place, part },
      { type: 'response.output_item.done', output_index: index, item },
    ];
  };
  const say = (kind: Kind, delta: string, tokens: readonly TokenLogprob[] | undefined): Wire[] => {
    const before = open && open.kind !== kind ? close() : [];
    const begun: Wire[] = [];
    if (!open) {
      const itemId = `${PREFIX[kind]}_${id}${output.length}`;
      const { index, event } = add(itemOf(kind, itemId, 'in_progress', []));
      open = { kind, item: itemId, index, text: '', tokens: [] };
      const place = { item_id: itemId, output_index: index, content_index: 0 };
      begun.push(event, { type: 'response.content_part.added', ...place, part: partOf(kind, '', []) });
    }
    const now = open;
    now.text += delta;
    const told =
      logprobs === undefined ? [] : ((logprobsOf(tokens, logprobs)?.['content'] as unknown[] | undefined) ?? []);
    now.tokens.push(...told);
    const said = {
      type: `response.${kind}.delta`,
      item_id: now.item,
      output_index: now.index,
      content_index: 0,
      delta,
      ...(kind === 'output_text' && { logprobs: told }),
    };
    return [...before, ...begun, ...(delta === '' ? [] : [said])];
  };
  const begin = (call: string, name: string): Wire[] => {
    const before = close();
    const item = `fc_${id}${output.length}`;
    const { index, event } = add(callItem({ item, call, name, input: '' }, 'in_progress'));
    calls.set(call, { item, index, call, name, input: '' });
    return [...before, event];
  };
  const input = (call: OpenCall, delta: string): Wire[] => {
    call.input += delta;
    return delta === ''
      ? []
      : [{ type: 'response.function_call_arguments.delta', item_id: call.item, output_index: call.index, delta }];
  };
  const finish = (call: OpenCall): Wire[] => {
    const item = callItem(call, 'completed');
    output[call.index] = item;
    const { item: itemId, index, name } = call;
    return [
      {
        type: 'response.function_call_arguments.done',
        item_id: itemId,
        output_index: index,
        name,
        arguments: call.input,
      },
      { type: 'response.output_item.done', output_index: index, item },
    ];
  };

  return {
    output,
    write(part) {
      if (isProgress(part) && !progress) return [];
      switch (part.type) {
        case 'reasoning-delta':
          return part.delta === '' ? [] : say('reasoning_text', part.delta, undefined);
        case 'text-delta':
          return say(marksRefusal(part) ? 'refusal' : 'output_text', part.delta, part.tokens);
        case 'tool-input-start':
          return begin(part.id, part.toolName);
        case 'tool-input-delta': {
          const call = calls.get(part.id);
          return call ? input(call, part.delta) : [];
        }
        case 'tool-input-end': {
          const call = calls.get(part.id);
          return call ? finish(call) : [];
        }
        case 'tool-call': {
          if (calls.has(part.toolCallId)) return [];
          const begun = begin(part.toolCallId, part.toolName);
          const call = calls.get(part.toolCallId) as OpenCall;
          return [...begun, ...input(call, part.input), ...finish(call)];
        }
        default:
          return [];
      }
    },
    end: close,
  };
}

function partOf(kind: Kind, text: string, tokens: readonly unknown[]): Wire {
  if (kind === 'refusal') return { type: kind, refusal: text };
  return kind === 'reasoning_text'
    ? { type: kind, text }
    : { type: kind, text, annotations: [], logprobs: [...tokens] };
}

function itemOf(kind: Kind, id: string, status: string, content: readonly Wire[]): Wire {
  return kind === 'reasoning_text'
    ? { id, type: 'reasoning', summary: [], content, status }
    : { id, type: 'message', role: 'assistant', status, content };
}

function callItem({ item, call, name, input }: Omit<OpenCall, 'index'>, status: string): Wire {
  return { id: item, type: 'function_call', call_id: call, name, arguments: input, status };
}
