// A recording's timeline with its holes, as shares of its length. Pure.

export type Gap = { start_ms: number; end_ms: number; reason: string };
export type Mark = { left: number; width: number; gap: Gap };

/** Narrower ones could not be seen. Percent of the whole. */
const LEAST_WIDTH = 0.6;

export function length(mediaMs: number, gaps: readonly Gap[]): number {
  return gaps.reduce((most, gap) => Math.max(most, gap.end_ms), mediaMs);
}

export function marks(mediaMs: number, gaps: readonly Gap[]): Mark[] {
  const whole = length(mediaMs, gaps);
  if (whole <= 0) return [];
  return gaps.map((gap) => {
    const width = Math.min(100, Math.max(LEAST_WIDTH, ((gap.end_ms - gap.start_ms) / whole) * 100));
    return { left: Math.max(0, Math.min((gap.start_ms / whole) * 100, 100 - width)), width, gap };
  });
}

export function missing(gaps: readonly Gap[]): number {
  return gaps.reduce((sum, gap) => sum + Math.max(0, gap.end_ms - gap.start_ms), 0);
}
