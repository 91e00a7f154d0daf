import { span } from "@/lib/format";
import { type Gap, marks, missing } from "@/lib/gaps";

/** The recording's whole timeline, its holes marked. */
export function GapBar({
  mediaMs,
  gaps,
  detailed = false,
}: {
  mediaMs: number;
  gaps: Gap[];
  detailed?: boolean;
}) {
  const label =
    gaps.length === 0
      ? `${span(mediaMs)} recorded, no hole`
      : `${span(mediaMs)} recorded, ${gaps.length} ${gaps.length === 1 ? "hole" : "holes"}, ${span(missing(gaps))} missing`;
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox="0 0 100 4"
      preserveAspectRatio="none"
      className={detailed ? "h-4 w-full rounded" : "h-2 w-full rounded-sm"}
    >
      <title>{label}</title>
      <rect width="100" height="4" className={mediaMs > 0 ? "fill-accent/55" : "fill-line"} />
      {marks(mediaMs, gaps).map(({ left, width, gap }) => (
        <rect
          key={`${gap.start_ms}-${gap.reason}`}
          x={left}
          width={width}
          height="4"
          className="fill-bad"
          data-hole=""
        >
          <title>{`${span(gap.end_ms - gap.start_ms)}: ${gap.reason}`}</title>
        </rect>
      ))}
    </svg>
  );
}
