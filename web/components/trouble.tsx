import { TriangleAlert } from "lucide-react";
import type { Job } from "@/lib/api";
import { advice, sentence } from "@/lib/explain";

/** What went wrong, and what to do about it. */
export function Trouble({ error }: { error: NonNullable<Job["error"]> }) {
  return (
    <p className="flex gap-2 rounded-lg border border-bad/40 bg-bad/5 p-2.5 text-sm">
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
      <span>
        {sentence(error.message)}
        <span className="block text-dim">{advice(error.kind)}</span>
      </span>
    </p>
  );
}
