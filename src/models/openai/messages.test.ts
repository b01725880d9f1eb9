import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assistant, system, user, type Message } from '../../core/index.ts';
import { SHAPES } from './memory.ts';
import { reshaped } from './messages.ts';

const call = (id: string, input: unknown = { x: 1 }): Message => ({
  role: 'assistant',
  content: [{ type: 'tool-call', toolCallId: id, toolName: 'f', input }],
});
const result = (id: string, value = '7'): Message => ({
  role: 'tool',
  content: [{ type: 'tool-result', toolCallId: id, toolName: 'f', output: { type: 'text', value } }],
});
const GO_ON = user('Go on.');

describe('a conversation is reshaped', () => {
  it.each<[string, readonly Message[], readonly Message[]]>([
    [
      'no more than need be',
      [system('s'), user('a'), assistant('b'), user('c')],
      [system('s'), user('a'), assistant('b'), user('c')],
    ],
    ['two users become one', [user('a'), user('b')], [user('a\n\nb')]],
    ['three as well', [user('a'), user('b'), user('c')], [user('a\n\nb\n\nc')]],
    ['two system messages become one', [system('a'), system('b'), user('c')], [system('a\n\nb'), user('c')]],
    ['two assistants stay', [user('a'), assistant('b'), assistant('c')], [user('a'), assistant('b'), assistant('c')]],
    ['calls stay', [user('a'), call('1'), result('1'), user('b')], [user('a'), call('1'), result('1'), user('b')]],
  ])('joined: %s', (_, prompt, shape) => {
    expect(reshaped(prompt, 'joined')).toEqual(shape);
  });

  it('joined: images stay between their texts, and options keep a message apart', () => {
    const image = { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AAAA' } } as const;
    const withImage: Message = { role: 'user', content: [{ type: 'text', text: 'a' }, image] };
    expect(reshaped([withImage, user('b'), withImage], 'joined')).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'a' }, image, { type: 'text', text: 'b\n\na' }, image] },
    ]);
    const marked: Message = { ...user('a'), providerOptions: { mine: { cache: true } } };
    expect(reshaped([marked, user('b')], 'joined')).toEqual([marked, user('b')]);
  });

  it.each<[string, readonly Message[], readonly Message[]]>([
    [
      'a system message in the middle is said by a user',
      [user('a'), assistant('b'), system('s'), user('c')],
      [user('a'), assistant('b'), user('s\n\nc')],
    ],
    ['the first one stays', [system('s'), user('a')], [system('s'), user('a')]],
    [
      'two assistants become one',
      [user('a'), assistant('b'), assistant('c'), user('d')],
      [user('a'), assistant('b\n\nc'), user('d')],
    ],
    ['an assistant at the end is asked to go on', [user('a'), assistant('b')], [user('a'), assistant('b'), GO_ON]],
    [
      'an assistant at the beginning is asked to',
      [system('s'), assistant('b'), user('c')],
      [system('s'), GO_ON, assistant('b'), user('c')],
    ],
    ['a system message alone is gone on from', [system('s')], [system('s'), GO_ON]],
    ['calls with results stay', [user('a'), call('1'), result('1')], [user('a'), call('1'), result('1')]],
    ['a result after nothing is told', [user('a'), result('1')], [user('a\n\nResult of f: 7')]],
    [
      'a call without a result is told',
      [user('a'), call('1'), user('b')],
      [user('a'), assistant('[call of f with {"x":1}]'), user('b')],
    ],
    [
      'a call keeps its digits',
      [user('a'), call('1', '{"id": 9123456789012345671}'), user('b')],
      [user('a'), assistant('[call of f with {"id": 9123456789012345671}]'), user('b')],
    ],
    [
      'a result of another call is told',
      [user('a'), call('1'), result('2')],
      [user('a'), assistant('[call of f with {"x":1}]'), user('Result of f: 7')],
    ],
  ])('alternating: %s', (_, prompt, shape) => {
    expect(reshaped(prompt, 'alternating')).toEqual(shape);
  });

  it.each<[string, readonly Message[], readonly Message[]]>([
    ['a system message is said by the user', [system('s'), user('a')], [user('s\n\na')]],
    [
      'a user behind a result',
      [user('a'), call('1'), result('1'), user('b')],
      [user('a'), assistant('[call of f with {"x":1}]'), user('Result of f: 7\n\nb')],
    ],
    [
      'an assistant behind a result',
      [user('a'), call('1'), result('1'), assistant('b'), user('c')],
      [user('a'), call('1'), result('1'), assistant('b'), user('c')],
    ],
  ])('plain: %s', (_, prompt, shape) => {
    expect(reshaped(prompt, 'plain')).toEqual(shape);
  });

  const anyMessage = fc.oneof(
    fc.constantFrom('a', 'b').map(user),
    fc.constantFrom('a', 'b').map(assistant),
    fc.constant(system('s')),
    fc.constantFrom('1', '2').map((id) => call(id)),
    fc.constantFrom('1', '2').map((id) => result(id)),
  );
  it.each(['alternating', 'plain'] as const)('into turns, whatever it was: %s', (roles) => {
    fc.assert(
      fc.property(fc.array(anyMessage, { minLength: 1, maxLength: 7 }), (prompt) => {
        let next = ['user'];
        const shape = reshaped(prompt, roles);
        for (const { role, content } of shape.slice(roles === 'alternating' && shape[0]?.role === 'system' ? 1 : 0)) {
          expect(next).toContain(role);
          const calls = typeof content !== 'string' && content.some(({ type }) => type === 'tool-call');
          if (role === 'tool') next = roles === 'plain' ? ['assistant', 'tool'] : ['assistant', 'tool', 'user'];
          else if (role === 'user') next = ['assistant'];
          else next = calls ? ['tool'] : ['user'];
        }
        expect(next).toContain('assistant');
        expect(reshaped(shape, roles)).toEqual(shape);
      }),
      { numRuns: 500 },
    );
  });

  it('from the mildest shape to the strictest', () => {
    expect(SHAPES.map(({ roles }) => roles)).toEqual(['joined', 'joined', 'alternating', 'plain']);
  });
});
