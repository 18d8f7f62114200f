/**
 * The money behind a stream that goes on: how many tokens of answer its hold covers, raised ahead of what
 * is delivered. While control is asked a stream that has used up its hold waits; one whose hold cannot be
 * raised is stopped, with the reason in the stream.
 */
import type { FlywheelError } from '#platform/error.ts';
import { failRequest } from './errors.ts';

/** What is covered beyond what was delivered: some seconds of a fast engine. */
const STEP_TOKENS = 256;
/** The next step is taken this early, so that a call to control ends before the tokens do. */
const AHEAD_TOKENS = 64;

/** What the stream does when it is told. */
export type FundedStream = Readonly<{
  pause: () => void;
  resume: () => void;
  stop: (error: FlywheelError) => void;
}>;

export class StreamFunds {
  #coveredTokens: number;
  readonly #raise: (tokens: number) => boolean | Promise<boolean>;
  #isAsking = false;
  #isEmpty = false;

  /** `raise` makes the hold cover so many tokens, where there is money. */
  constructor(coveredTokens: number, raise: (tokens: number) => boolean | Promise<boolean>) {
    this.#coveredTokens = coveredTokens;
    this.#raise = raise;
  }

  /** True while the stream has to wait for money. */
  isShort(deliveredTokens: number): boolean {
    return this.#isAsking && deliveredTokens >= this.#coveredTokens;
  }

  /** After each piece of the answer. */
  spoke(deliveredTokens: number, stream: FundedStream): void {
    if (deliveredTokens + AHEAD_TOKENS <= this.#coveredTokens) return;
    if (this.#isEmpty) {
      if (deliveredTokens > this.#coveredTokens) stream.stop(ranOut());
    } else if (!this.#isAsking) {
      this.#cover(deliveredTokens, stream);
    }
    if (this.isShort(deliveredTokens)) stream.pause();
  }

  #cover(deliveredTokens: number, stream: FundedStream): void {
    const tokens = deliveredTokens + STEP_TOKENS;
    const raised = this.#raise(tokens);
    if (!(raised instanceof Promise)) return this.#answered(raised, tokens);
    this.#isAsking = true;
    const answered = (isRaised: boolean): void => {
      this.#isAsking = false;
      this.#answered(isRaised, tokens);
      stream.resume();
    };
    raised.then(answered, () => answered(false));
  }

  #answered(isRaised: boolean, tokens: number): void {
    if (isRaised) this.#coveredTokens = tokens;
    else this.#isEmpty = true;
  }
}

function ranOut(): FlywheelError {
  return failRequest('insufficient_quota', 'The credit ran out while this was being answered.');
}
