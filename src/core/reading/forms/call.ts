/** Calls of tools that a model wrote as text. */
import { lenient, objectAt, parsed, unfenced } from '../json.ts';
import { said } from '../thoughts.ts';

/** A call: the tool's name and its input as JSON. */
export interface WrittenCall {
  readonly tool: string;
  readonly input: string;
}
export interface WrittenCalls {
  readonly calls: readonly WrittenCall[];
  /** The text up to the end of the last call, and not what was made up behind it. */
  readonly text: string;
  /** What looks like a call and cannot be read as one: no final answer either. */
  readonly unread?: string;
}

const OPEN = String.raw`^[-+•> \t*_\x60#]*(?:\d+[.)][ \t*_\x60]*)?`;
const LABEL = new RegExp(
  String.raw`${OPEN}(action|action input|input|observation|thought|final answer|answer|result)[ \t*_\x60\d]*[:：][*\x60 \t]*`,
  'iu',
);
const NAME = /^[[("'`*]*([\p{L}_]\w*(?:[.-]\w+)*)["'`*\]]*[ \t]*/u;
const TAGGED =
  /<tool_call>([^]*?)(?:<\/tool_call>|(?=<tool_call>)|$)|<function=([\w.-]+)>([^]*?)(?:<\/function>|(?=<function=)|$)|\[TOOL_CALLS\]\s*(\[[^]*)$/g;

/**
 * The calls in a reply, in the forms that models write: `Action: look {"q": 1}`, `Action Input:` on a line of its own, brackets, lists,
 * bold, several lines; `<tool_call>{…}</tool_call>`; a block of JSON with a name and arguments. What stands behind an observation of
 * the model's own is made up and not read.
 */
export function callsIn(reply: string, tools?: readonly string[]): WrittenCalls {
  const text = said(reply).split(/^[ \t*_]*Observation\**[ \t]*:/im)[0] as string;
  const named = (name: string): string => tools?.find((tool) => tool.toLowerCase() === name.toLowerCase()) ?? name;
  const tagged = taggedCalls(text, named);
  if (tagged) return tagged;
  const lines = inLines(text, named);
  if (lines) return lines;
  return inBlocks(text, named, tools) ?? { calls: [], text };
}

interface Found {
  readonly calls: readonly (WrittenCall | undefined)[];
  readonly to: number;
  readonly looks: string;
}

function result(text: string, { calls, to, looks }: Found): WrittenCalls {
  const read = calls.filter((call) => call !== undefined);
  return {
    calls: read,
    text: text.slice(0, to).trim(),
    ...(read.length < calls.length && { unread: looks.trim().slice(0, 200) }),
  };
}

function taggedCalls(text: string, named: (name: string) => string): WrittenCalls | undefined {
  const found = [...text.matchAll(TAGGED)];
  const last = found.at(-1);
  if (!last) return undefined;
  const calls = found.flatMap(([, json, name, input = '', list]) => {
    if (name !== undefined) return [name === '' ? undefined : withInput(named(name), parameters(input) ?? input)];
    const value = lenient(json ?? list ?? '');
    return (Array.isArray(value) ? value : [value]).map((one) => fromJson(one, named));
  });
  return result(text, { calls, to: last.index + last[0].length, looks: last[0] });
}

/** `<parameter=q>x</parameter>` as an object. */
function parameters(text: string): string | undefined {
  const found = [...text.matchAll(/<parameter=([\w.-]+)>\n?([^<]*?)\n?<\/parameter>/g)];
  return found.length === 0
    ? undefined
    : JSON.stringify(Object.fromEntries(found.map(([, name = '', value = '']) => [name, lenient(value) ?? value])));
}

function inLines(text: string, named: (name: string) => string): WrittenCalls | undefined {
  const lines = text.split('\n');
  const calls: (WrittenCall | undefined)[] = [];
  let [to, at, looks] = [0, 0, ''];
  for (let i = 0; i < lines.length;) {
    const line = lines[i] as string;
    const [mark = '', label = ''] = LABEL.exec(line) ?? [];
    let next = i + 1;
    if (label.toLowerCase() !== 'action') {
      at += line.length + 1;
      i = next;
      continue;
    }
    // All up to the next label is the call's, but an input has a label of its own.
    const isInput = (one: string): boolean => /input$/i.test(LABEL.exec(one)?.[1] ?? '');
    while (next < lines.length && (!LABEL.test(lines[next] as string) || isInput(lines[next] as string))) next++;
    const body = lines.slice(i, next);
    const inputs = body.findIndex((one, n) => n > 0 && isInput(one));
    const head = [(body[0] as string).slice(mark.length), ...body.slice(1, inputs === -1 ? undefined : inputs)]
      .join('\n')
      .trim();
    const tail =
      inputs === -1
        ? undefined
        : [(body[inputs] as string).replace(LABEL, ''), ...body.slice(inputs + 1)].join('\n').trim();
    const { call, used } = lineCall(head, tail, named);
    const whole = body.join('\n');
    const end = used === undefined ? whole.length : Math.max(whole.indexOf(used), 0) + used.length;
    calls.push(call);
    if (!call) looks = whole;
    to = at + end;
    at += whole.length + 1;
    i = next;
  }
  return calls.length === 0 ? undefined : result(text, { calls, to, looks });
}

/** A call whose name stands at the head, and its input behind it or by itself. */
function lineCall(
  head: string,
  tail: string | undefined,
  named: (name: string) => string,
): { readonly call: WrittenCall | undefined; readonly used?: string } {
  const whole = fromJson(lenient(unfenced(head)), named);
  if (whole) return { call: whole };
  const [all = '', name] = NAME.exec(head) ?? [];
  if (name === undefined) return { call: undefined };
  const rest = head.slice(all.length).trim();
  const given = tail ?? rest;
  const from = given.search(/[{]/);
  const json = from === -1 ? undefined : objectAt(given, from);
  const before = from === -1 ? given : given.slice(0, from);
  if (json !== undefined && /^(?:with|input|args?|arguments|json|[\s:=([`'"-])*$/i.test(before))
    return { call: withInput(named(name), json), used: json };
  if (from !== -1) return { call: undefined };
  if (/^[([]?\s*[)\]]?[\s.`*]*$/.test(given) || /^(?:none|null|n\/a|\(none\))[.)]?$/i.test(given))
    return { call: { tool: named(name), input: '{}' } };
  const inner = /^\(([^]*)\)[\s.`*]*$/.exec(given)?.[1];
  const keyed = inner === undefined ? undefined : keywords(inner);
  return { call: keyed === undefined ? undefined : { tool: named(name), input: keyed } };
}

/** `q="x", n=3` as an object. */
function keywords(text: string): string | undefined {
  const pair =
    /\s*(\w+)\s*[=:]\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|-?[\d.]+|true|false|null|True|False|None)\s*(?:,|$)/y;
  const pairs: [string, unknown][] = [];
  while (pair.lastIndex < text.trimEnd().length) {
    const [, name, value = ''] = pair.exec(text) ?? [];
    if (name === undefined) return undefined;
    pairs.push([name, value.startsWith("'") ? value.slice(1, -1) : (lenient(PYTHON[value] ?? value) ?? value)]);
  }
  return pairs.length === 0 ? undefined : JSON.stringify(Object.fromEntries(pairs));
}
const PYTHON: { readonly [word: string]: string } = { True: 'true', False: 'false', None: 'null' };

/** Calls that stand alone in fenced blocks, or are all of the reply. A block that has no name and no arguments is none. */
function inBlocks(
  text: string,
  named: (name: string) => string,
  tools: readonly string[] | undefined,
): WrittenCalls | undefined {
  const blocks = [...text.matchAll(/^[ \t]*```\w*[ \t]*\n([^`]*?)^[ \t]*```/gm)];
  const last = blocks.at(-1);
  const values = last ? blocks.map(([, code = '']) => lenient(code)) : [lenient(text)];
  const calls = values
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .flatMap((value) => fromJson(value, named) ?? []);
  const known = calls.filter(({ tool }) => tools === undefined || tools.includes(tool));
  return known.length === 0
    ? undefined
    : { calls: known, text: text.slice(0, last ? last.index + last[0].length : undefined).trim() };
}

/** `{"name": …, "arguments": …}` and its other spellings. */
function fromJson(value: unknown, named: (name: string) => string): WrittenCall | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as { readonly [key: string]: unknown };
  if (typeof fields['function'] === 'object') return fromJson(fields['function'], named);
  const name = fields['name'] ?? fields['tool'] ?? fields['action'] ?? fields['tool_name'] ?? fields['function'];
  const input =
    fields['arguments'] ??
    fields['parameters'] ??
    fields['input'] ??
    fields['args'] ??
    fields['action_input'] ??
    fields['tool_input'];
  if (typeof name !== 'string' || name === '') return undefined;
  if (input === undefined) return Object.keys(fields).length === 1 ? { tool: named(name), input: '{}' } : undefined;
  return withInput(named(name), typeof input === 'string' ? input : JSON.stringify(input));
}

/** A call with its input, where that is JSON. */
function withInput(tool: string, input: string): WrittenCall | undefined {
  const text = input.trim();
  const value = text === '' ? {} : lenient(text);
  return typeof value === 'object' && value !== null
    ? { tool, input: text === '' ? '{}' : parsed(text) === undefined ? JSON.stringify(value) : text }
    : undefined;
}
