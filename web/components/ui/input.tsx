import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/lib/utils";

const FIELD =
  "min-h-10 w-full rounded-lg border border-line bg-raised px-3 text-base sm:text-sm placeholder:text-dim/80 hover:border-accent/50 aria-invalid:border-bad";

export function Input({ className, ...props }: ComponentProps<"input">) {
  return <input className={cn(FIELD, className)} {...props} />;
}

export function Select({ className, ...props }: ComponentProps<"select">) {
  return <select className={cn(FIELD, className)} {...props} />;
}

/** What the API takes as `quality`. */
export function QualitySelect(props: ComponentProps<"select">) {
  return (
    <Select {...props}>
      <option value="best">Best there is</option>
      {["2160", "1440", "1080", "720", "480", "360"].map((lines) => (
        <option key={lines} value={lines}>
          At most {lines}p
        </option>
      ))}
      <option value="worst">Smallest</option>
      <option value="audio">Sound only</option>
    </Select>
  );
}

export function Label({ className, ...props }: ComponentProps<"label">) {
  // biome-ignore lint/a11y/noLabelWithoutControl: callers name the control with htmlFor or put it inside
  return <label className={cn("text-sm text-dim", className)} {...props} />;
}

/** A control under its label; its id is `id`. */
export function Field({ id, label, children }: { id: string; label: string; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-1.5">
      <Label htmlFor={id}>{label}</Label>
      {children}
    </div>
  );
}

type CheckboxProps = { checked: boolean; onChange: (checked: boolean) => void; children: ReactNode };

export function Checkbox({ checked, onChange, children }: CheckboxProps) {
  return (
    <label className="flex items-center gap-2 text-sm">
      <input
        type="checkbox"
        className="size-4 accent-accent"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
      />
      {children}
    </label>
  );
}
