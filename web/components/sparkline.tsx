import { bitrate } from "@/lib/format";

const [WIDTH, HEIGHT] = [120, 28];

/** Bitrates over the time that the page was open. */
export function Sparkline({ values }: { values: number[] }) {
  if (values.length < 2) return null;
  const most = Math.max(...values, 1);
  const points = values
    .map((value, i) => `${(i / (values.length - 1)) * WIDTH},${HEIGHT - 2 - (value / most) * (HEIGHT - 4)}`)
    .join(" ");
  const label = `Bitrate, at most ${bitrate(most)}`;
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="h-7 w-30">
      <title>{label}</title>
      <polyline
        points={points}
        fill="none"
        className="stroke-accent"
        strokeWidth="1.5"
        strokeLinejoin="round"
      />
    </svg>
  );
}
