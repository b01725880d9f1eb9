import { describe, expect, it } from 'vitest';
import { mathOf } from './math.ts';

const SAME = [
  ['\\frac{1}{2}', '\\dfrac{1}{2}', '\\tfrac12', '1/2', '0.5', '\\frac 12', '.5', '\\frac{2}{4}', '$\\frac12$', '½'],
  ['(3,4)', '(3, 4)', '\\left(3,4\\right)', '\\left( 3, 4 \\right)', '(3,\\!4)', '(3.0, 4)'],
  ['\\left( 3, \\frac{\\pi}{2} \\right)', '(3,\\frac{\\pi}{2})', '(3, \\pi/2)', '(3, π/2)'],
  ['2\\sqrt{3}', '2\\sqrt3', '2 \\sqrt{3}', '2\\cdot\\sqrt{3}', '2*sqrt(3)', '2√3'],
  ['1234', '1{,}234', '1,234', '1,\\!234', '1234.0'],
  ['\\frac{\\sqrt{3}}{3}', '\\sqrt{3}/3', '\\dfrac{\\sqrt3}{3}'],
  ['-\\frac{\\pi}{6}', '\\frac{-\\pi}{6}', '-\\pi/6'],
  ['1\\pm\\sqrt{19}', '1+\\sqrt{19},1-\\sqrt{19}', '1-\\sqrt{19}, 1+\\sqrt{19}', '1 ± √19'],
  ['\\{1\\pm\\sqrt{5},-2\\}', '-2, 1+\\sqrt5, 1-\\sqrt5', '\\left\\{1\\pm\\sqrt{5},-2\\right\\}'],
  ['1,-2', '-2,1', '\\{1,-2\\}', '1 and -2', 'x=1 or x=-2', '1\\text{ and }-2'],
  ['6 - 5i', '6-5i', '-5i+6', '6 − 5i'],
  ['2k+2', '2+2k'],
  ['52_8', '52_{8}'],
  ['(-\\infty, 2) \\cup (3, \\infty)', '(-∞, 2) ∪ (3, ∞)', '(-inf,2)U(3,inf)', '(3,\\infty)\\cup(-\\infty,2)'],
  ['\\left(\\frac{3}{5},\\frac{8}{3}\\right]', '(3/5, 8/3]', '(0.6,\\frac83]'],
  ['\\begin{pmatrix} -1/3 \\\\ 2/3 \\end{pmatrix}', '\\begin{bmatrix}-\\frac{1}{3}\\\\ \\frac{2}{3}\\end{bmatrix}'],
  ['x^{2}', 'x^2', 'x²', 'x**2'],
  ['x^{10}', 'x^10'],
  ['1\\frac{4}{5}', '1 4/5', '9/5', '1.8'],
  ['\\frac{11+9a}{20}', '(11+9a)/20', '\\dfrac{11+9a}{20}'],
  ['\\frac{20000}{\\pi}', '20000/\\pi'],
  ['18+2\\pi', '2\\pi+18', '18 + 2π'],
  ['\\left[ \\frac{\\pi^2}{8}, \\frac{5 \\pi^2}{4} \\right]', '[\\pi^2/8,5\\pi^2/4]', '[π²/8, 5π²/4]'],
  ['(a+5)(b+2)', '(a + 5)(b + 2)'],
  ['x \\le 3', 'x \\leq 3', 'x ≤ 3', 'x <= 3'],
];

describe('mathematics in one spelling', () => {
  it.each(SAME)('%s', (first, ...others) => {
    expect(others.filter((other) => mathOf(other) !== mathOf(first))).toEqual([]);
  });

  it('tells apart what is not the same', () => {
    const all = SAME.map(([first = '']) => mathOf(first));
    expect(new Set(all).size).toBe(all.length);
  });

  it.each([
    ['(3,4)', '(4,3)'],
    ['(3,4)', '[3,4]'],
    ['(3,4)', '(3,4]'],
    ['52_8', '52'],
    ['52_8', '52_9'],
    ['x^2', 'x2'],
    ['2\\sqrt{3}', '3\\sqrt{2}'],
    ['\\frac{1}{2}', '\\frac{2}{1}'],
    ['a-b', 'b-a'],
    ['a/(bc)', 'a/b'],
    ['\\frac{a}{bc}', '\\frac{a}{b}c'],
    ['1,2', '1.2'],
    ['(1,2)', '1,2'],
    ['-x', 'x'],
    ['x<3', 'x>3'],
    ['x', 'X'],
    ['1\\pm 2', '1+2'],
  ])('%s is not %s', (a, b) => expect(mathOf(a)).not.toBe(mathOf(b)));
});
