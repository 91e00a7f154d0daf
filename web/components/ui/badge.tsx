import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "@/lib/utils";

const badgeVariants = cva(
  "inline-flex items-center gap-1.5 rounded-full border px-2.5 py-0.5 text-xs font-medium whitespace-nowrap",
  {
    variants: {
      tone: {
        live: "border-accent/60 bg-black/80 text-accent-strong",
        calm: "border-line bg-black/80 text-dim",
        good: "border-accent/40 bg-black/80 text-accent",
        warn: "border-warn/50 bg-black/80 text-warn",
        bad: "border-bad/50 bg-black/80 text-bad",
      },
    },
    defaultVariants: { tone: "calm" },
  },
);

export type Tone = NonNullable<VariantProps<typeof badgeVariants>["tone"]>;

export function Badge({ className, tone, ...props }: ComponentProps<"span"> & { tone?: Tone }) {
  return <span className={cn(badgeVariants({ tone }), className)} {...props} />;
}
