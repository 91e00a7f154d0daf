import { cn } from "@/lib/utils";

// A picture of its own for each stream, drawn from its name: nothing is fetched from anybody else.
function hash(text: string): number {
  let value = 2166136261;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 16777619);
  return value >>> 0;
}

export function Poster({ name, className }: { name: string; className?: string }) {
  const seed = hash(name || "?");
  const rings = [0, 1, 2, 3, 4].map((i) => 16 + i * 20 + ((seed >> (i * 3)) & 7));
  return (
    <svg
      aria-hidden
      viewBox="0 0 160 90"
      preserveAspectRatio="xMidYMid slice"
      className={cn("aspect-video w-full bg-black", className)}
    >
      {rings.map((radius, i) => (
        <circle
          key={radius}
          cx={20 + (seed % 120)}
          cy={20 + ((seed >> 7) % 50)}
          r={radius}
          fill="none"
          className="stroke-accent"
          strokeWidth={1.2}
          opacity={0.6 - i * 0.1}
        />
      ))}
      <circle cx={20 + (seed % 120)} cy={20 + ((seed >> 7) % 50)} r="5" className="fill-accent" />
    </svg>
  );
}
