/**
 * How long sound plays, from its bytes: what a model heard or said is priced by the second, and not every engine
 * says how many there were. Pure. Nothing is decoded; containers say enough.
 */
import { flacMs, movieMs } from './boxes.ts';
import { mpegMs } from './mpeg.ts';
import { oggMs } from './ogg.ts';
import { waveMs } from './wave.ts';

/** A day; what says more is broken or lies. */
const MS_MAX = 24 * 60 * 60_000;

/**
 * Milliseconds; null where the bytes do not say. `totalBytes` may be more than is at hand: then the rest is
 * taken to sound like what is.
 */
export function soundMs(bytes: Buffer, totalBytes = bytes.length): number | null {
  const isWhole = totalBytes <= bytes.length;
  const ms =
    waveMs(bytes, totalBytes) ??
    oggMs(bytes, totalBytes) ??
    (isWhole ? (flacMs(bytes) ?? movieMs(bytes)) : null) ??
    mpegMs(bytes, totalBytes);
  return ms === null || !(ms > 0) || ms > MS_MAX ? null : ms;
}

/** OpenAI's `pcm`: no head, 24,000 samples of 16 bits a second. https://platform.openai.com/docs/guides/text-to-speech */
export function rawPcmMs(totalBytes: number): number {
  return (totalBytes / 48_000) * 1_000;
}
