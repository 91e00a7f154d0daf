import { bitrate } from "@/lib/format";

const [WIDTH, HEIGHT] = [120, 28];

/** Bitrates over the time that the page was open. */
export function Sparkline({ values }: { values: number[] }) {
  const most = Math.max(...values, 1);
  const known = values.length > 1;
  const points = (known ? values : [0, 0])
    .map((value, i, all) => `${(i / (all.length - 1)) * WIDTH},${HEIGHT - 1 - (value / most) * (HEIGHT - 4)}`)
    .join(" ");
  const label = known ? `Bitrate, at most ${bitrate(most)}` : "Bitrate, not known yet";
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="h-7 w-full"
    >
      <title>{label}</title>
      {known && <polygon points={`0,${HEIGHT} ${points} ${WIDTH},${HEIGHT}`} className="fill-accent/10" />}
      <polyline
        points={points}
        fill="none"
        className={known ? "stroke-accent" : "stroke-line"}
        strokeWidth="1.5"
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
