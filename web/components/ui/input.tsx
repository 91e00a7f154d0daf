import type { ComponentProps } from "react";
import { cn } from "@/lib/utils";

const FIELD =
  "min-h-10 w-full rounded-lg border border-line bg-raised px-3 text-base sm:text-sm placeholder:text-dim/80 hover:border-accent/50 aria-invalid:border-bad";

export function Input({ className, ...props }: ComponentProps<"input">) {
  return <input className={cn(FIELD, className)} {...props} />;
}

export function Select({ className, ...props }: ComponentProps<"select">) {
  return <select className={cn(FIELD, className)} {...props} />;
}

export function Label({ className, ...props }: ComponentProps<"label">) {
  // biome-ignore lint/a11y/noLabelWithoutControl: callers name the control with htmlFor or put it inside
  return <label className={cn("text-sm text-dim", className)} {...props} />;
}
