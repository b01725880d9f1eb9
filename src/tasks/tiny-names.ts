/** The tasks of the embedded model by name, with a line of help each. */
export const TINY_TASKS: { readonly [name: string]: string } = {
  steps: 'word problems of two to six steps',
  large: 'word problems with numbers too large for the head',
  garbled: 'word problems told badly: typos, asides, numbers in words',
  passage: 'questions over a passage full of names nobody has seen',
  hops2: 'the same over two hops',
  hops3: 'the same over three hops',
  rare: 'facts that were met hardly ever; its pages hold them',
  strange: 'word problems with an unknown word; its notes say what it means',
  message: 'messages that should be polite and often are not',
  countdown: 'reach the target with four numbers',
};
