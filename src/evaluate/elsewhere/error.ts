/** Errors that another process had. */
import { PlusxError, type BudgetExceeded } from '../../core/index.ts';

/** An error as it travels. */
export interface FailedElsewhere {
  readonly message: string;
  readonly kind: PlusxError['kind'] | undefined;
  /** Whether the server is closed to everybody: where no item succeeds, it ends the run. */
  readonly closed: boolean;
  readonly budget?: Pick<BudgetExceeded, 'limit' | 'allowed' | 'spent' | 'needed'> | undefined;
}

/** An error that another process had: its words, and what it means for the run. */
export class ErrorElsewhere extends PlusxError {
  override readonly kind: PlusxError['kind'];
  readonly closed: boolean;
  constructor({ message, kind = 'failure', closed }: FailedElsewhere) {
    super(message);
    this.kind = kind;
    this.closed = closed;
  }
}
