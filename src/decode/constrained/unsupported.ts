/** A part of a regular expression or of a schema that is not supported, or that is broken. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported';
}
