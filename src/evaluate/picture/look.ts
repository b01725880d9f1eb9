/** Colours and letters of all that plusx draws: the pictures of the command line, and the pages of the studio. */

/** On white ground, and on dark ground. */
export type Colour = readonly [light: string, dark: string];

export const COLOURS = {
  ground: ['#fff', '#16181d'],
  text: ['#333', '#e4e4e4'],
  quiet: ['#6b6b6b', '#a0a0a0'],
  /** The model alone. */
  before: ['#8b93a1', '#6f7989'],
  /** The model with X. */
  after: ['#2f6fb5', '#6ea8e6'],
} as const satisfies { readonly [name: string]: Colour };

export const LETTERS = 'system-ui, sans-serif';
