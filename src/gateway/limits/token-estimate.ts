/**
 * How many tokens a request will take, before anybody has counted: learned for each model from what its
 * engines counted. Money is held for the worst case; a limit on tokens would let hardly anybody in that
 * way. So a prompt is guessed by its bytes at the highest rate seen lately, and an answer by what the
 * caller allows, or else by the longest seen lately and a quarter more.
 */
import type { Plan } from '../admission.ts';
import type { ParsedRequest } from '../wire/openai/request.ts';

type Learned = {
  /** Tokens for a byte of the body. */
  perByte: number;
  /** Tokens that a template adds, and a short body hides. */
  overhead: number;
  answer: number;
};

/** Before anything is known: two bytes are a token at worst in text, and answers are of middling length. */
const UNKNOWN: Learned = { perByte: 0.5, overhead: 64, answer: 1_024 };
const MARGIN = 1.25;
/** A maximum fades by a hundredth with each smaller sample, so that one odd request is soon forgotten. */
const FADE = 0.01;
/** Below this a body says more of the template than of its text. */
const SHORT_BYTES = 512;
const MODELS_MAX = 1_000;

export class TokenEstimate {
  readonly #learned = new Map<string, Learned>();

  of(request: ParsedRequest, plan: Plan): number {
    const { perByte, overhead, answer } = this.#learned.get(request.model) ?? UNKNOWN;
    const prompt = Math.ceil(overhead + request.bytes.length * perByte);
    const asked = request.outputTokensMax ?? Math.ceil(answer * MARGIN * request.choices);
    return Math.min(prompt, plan.inputEstimate + overhead) + Math.min(asked, plan.outputTokensMax);
  }

  /** What an engine counted for a request. */
  learn(request: ParsedRequest, counted: Readonly<{ prompt: number; answer: number }>): void {
    const { model, bytes, choices } = request;
    let learned = this.#learned.get(model);
    if (learned === undefined) {
      if (this.#learned.size >= MODELS_MAX) return;
      learned = { ...UNKNOWN };
      this.#learned.set(model, learned);
    }
    if (bytes.length < SHORT_BYTES) learned.overhead = fade(learned.overhead, counted.prompt);
    else learned.perByte = fade(learned.perByte, counted.prompt / bytes.length);
    learned.answer = fade(learned.answer, counted.answer / choices);
  }
}

function fade(highest: number, sample: number): number {
  return sample >= highest ? sample : highest + (sample - highest) * FADE;
}
