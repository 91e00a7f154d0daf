import { useEffect, useRef, useState } from "react";
import type { Job } from "@/lib/api";
import { frameKey } from "@/lib/format";
import { cn } from "@/lib/utils";

// A picture of its own for each stream, drawn from its name, for as long as there is none of the recording.
function hash(text: string): number {
  let value = 2166136261;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 16777619);
  return value >>> 0;
}

function Drawing({ name }: { name: string }) {
  const seed = hash(name || "?");
  const [x, y] = [20 + (seed % 120), 20 + ((seed >> 7) % 50)];
  const rings = [0, 1, 2, 3, 4].map((i) => 16 + i * 20 + ((seed >> (i * 3)) & 7));
  return (
    <svg aria-hidden viewBox="0 0 160 90" preserveAspectRatio="xMidYMid slice" className="size-full">
      {rings.map((radius, i) => (
        <circle
          key={radius}
          cx={x}
          cy={y}
          r={radius}
          fill="none"
          className="stroke-accent"
          strokeWidth={1.2}
          opacity={0.5 - i * 0.09}
        />
      ))}
      <circle cx={x} cy={y} r="5" className="fill-accent" />
    </svg>
  );
}

/** A frame of the recording, once the card comes into sight. */
export function Poster({ job, className }: { job: Job; className?: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drawn, setDrawn] = useState("");
  const key = frameKey(job);
  const latest = useRef(job);
  latest.current = job;
  useEffect(() => {
    const target = canvas.current;
    if (!target || !key) return;
    let inSight = false;
    const draw = async () => {
      // A server that is gone cannot send this part of the page either; the drawing stays then.
      const module = await import("@/lib/frame").catch(() => null);
      const picture = await module?.frame(latest.current, () => inSight);
      if (!picture || !inSight) return;
      [target.width, target.height] = [picture.width, picture.height];
      target.getContext("2d")?.drawImage(picture, 0, 0);
      setDrawn(key);
    };
    const observer = new IntersectionObserver((entries) => {
      inSight = entries.at(-1)?.isIntersecting ?? false;
      if (inSight) void draw();
    });
    observer.observe(target);
    return () => {
      inSight = false;
      observer.disconnect();
    };
  }, [key]);
  return (
    <span className={cn("relative block overflow-hidden bg-black", className)}>
      {!drawn && <Drawing name={job.channel + job.video_id + job.url} />}
      <canvas
        ref={canvas}
        aria-hidden
        data-frame={drawn ? "" : undefined}
        className={cn(
          "absolute inset-0 size-full object-cover brightness-90 saturate-75",
          !drawn && "opacity-0",
        )}
      />
    </span>
  );
}
