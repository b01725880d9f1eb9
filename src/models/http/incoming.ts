/** A reply as it comes. */
export interface Incoming {
  readonly response: Response;
  /** Tells the time limit that the server is alive. */
  alive(): void;
}
