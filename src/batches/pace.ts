/**
 * How many lines of a batch are called at a time: one more for as many answers as are under way, half as
 * many when the cloud is busy. Pure. So a batch takes what is free and gives it back within seconds.
 */
export type Pace = Readonly<{ width: number; answered: number; calmUntilMs: number }>;

export const WIDTH_START = 8;
/** What one control holds open for one batch; a replica's own slots are the real bound. */
export const WIDTH_MAX = 64;
/** Answers that were on their way when the cloud became busy say nothing new. */
const CALM_MS = 1_000;

export const START: Pace = { width: WIDTH_START, answered: 0, calmUntilMs: 0 };

export function afterAnswer(pace: Pace): Pace {
  const answered = pace.answered + 1;
  if (answered < pace.width) return { ...pace, answered };
  return { ...pace, answered: 0, width: Math.min(WIDTH_MAX, pace.width + 1) };
}

export function afterBusy(pace: Pace, nowMs: number): Pace {
  if (nowMs < pace.calmUntilMs) return pace;
  return {
    width: Math.max(1, Math.floor(pace.width / 2)),
    answered: 0,
    calmUntilMs: nowMs + CALM_MS,
  };
}
