import { describe, expect, it } from 'vitest';
import { blocksIn, programIn, testsIn } from './code.ts';

const F = '```';
const ADD = 'function add(a, b) { return a + b }';

describe('the program of a reply', () => {
  it.each([
    ['one block', `${F}js\n${ADD}\n${F}`],
    ['no tag', `${F}\n${ADD}\n${F}`],
    ['words around it', `Here:\n${F}javascript\n${ADD}\n${F}\nDone.`],
    ['a shell block first', `Install:\n${F}bash\nnpm i left-pad\n${F}\n${F}js\n${ADD}\n${F}`],
    ['its output behind it', `${F}js\n${ADD}\n${F}\nIt prints:\n${F}\n=> 3 items\n${F}`],
    ['output, both without a tag', `${F}\n${ADD}\n${F}\nOutput:\n${F}\n3\n${F}`],
    ['output with a tag', `${F}js\n${ADD}\n${F}\n${F}text\n3\n${F}`],
    ['not closed', `${F}js\n${ADD}`],
    ['a use behind it', `${F}js\n${ADD}\n${F}\nUse it so:\n${F}js\nconsole.log(add(1, 2))\n${F}`],
    ['a first try', `${F}js\nfunction add(a, b) { return a - b }\n${F}\nNo:\n${F}js\n${ADD}\n${F}`],
    ['a draft in a thought', `<think>\n${F}js\nadd = 0\n${F}\n</think>\n${F}js\n${ADD}\n${F}`],
    ['another language', `${F}js\n${ADD}\n${F}\nIn Python:\n${F}python\ndef add(a, b): return a + b\n${F}`],
    ['tildes', `~~~js\n${ADD}\n~~~`],
    ['a longer fence', `${F}${F}js\n${ADD}\n${F}${F}`],
    ['indented', `  ${F}js\n${ADD}\n  ${F}`],
    ['attributes', `${F}{.js}\n${ADD}\n${F}`],
    ['typescript', `${F}ts\n${ADD}\n${F}`],
    ['no block at all', ADD],
  ])('%s', (_, reply) => {
    expect(programIn(reply)).toBe(ADD);
    expect(programIn(reply, 'javascript')).toBe(ADD);
  });

  it('is joined from blocks that go on, and the later of two ways', () => {
    const reply = `${F}python\nimport math\n${F}\nthen\n${F}python\ndef f(): pass\n${F}\nUse:\n${F}python\nprint(f())\n${F}`;
    expect(programIn(reply, 'python')).toBe('import math\ndef f(): pass');
    const ways = `${F}js\nconst add = (a, b) => a + b\n${F}\nOr:\n${F}js\nconst add = (a, b) => b + a\n${F}`;
    expect(programIn(ways)).toBe('const add = (a, b) => b + a');
    expect(programIn(`${F}py\na = 1\n${F}\nBetter:\n${F}py\na = 2\n${F}`)).toBe('a = 2');
  });

  it.each([
    ['', undefined],
    [' \n', undefined],
    [`${F}bash\nls\n${F}`, undefined],
    [`${F}py\nx = 1\n${F}`, undefined],
    [`It prints:\n${F}\n3\n${F}`, undefined],
    [`${F}js\n${F}`, undefined],
  ])('none in JavaScript: %j', (reply, program) => expect(programIn(reply, 'javascript')).toBe(program));
});

describe('blocks', () => {
  it.each([
    ['no code', []],
    ['```js\na\nb\n```', ['a\nb']],
    ['```\na\n```\nand\n~~~py\nb\n~~~', ['a', 'b']],
    ['  ```\n  a\n  ```', ['  a']],
    ['````\n```\na\n```\n````', ['```\na\n```']],
    ['```\nnever closed', ['never closed']],
    ['```\n```', ['']],
    ['a ``` b\n```js\nc\n```', ['c']],
    ['```inline```\n```\nc\n```', ['c']],
  ])('of %j are %j', (text, blocks) => expect(blocksIn(text).map(({ code }) => code)).toEqual(blocks));
});

describe('tests', () => {
  it.each([
    ['assert(add(1, 2) === 3)', ['add(1, 2) === 3']],
    ['1. assert add(1, 2) == 3\n2. assert add(0, 0) == 0', ['add(1, 2) == 3', 'add(0, 0) == 0']],
    [`${F}js\nconsole.assert(f(1));\n// a note (here)\n${F}\nIt prints:\n${F}\nf(9)\n${F}`, ['f(1)']],
    ['none', []],
  ])('of %j are %j', (reply, tests) => expect(testsIn(reply)).toEqual(tests));
});
