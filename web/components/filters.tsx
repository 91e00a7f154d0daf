import { Search } from "lucide-react";
import { Input } from "@/components/ui/input";
import type { JobStatus } from "@/lib/api";
import { cn } from "@/lib/utils";

export const GROUPS: { name: string; statuses: JobStatus[] }[] = [
  { name: "All", statuses: [] },
  { name: "Live", statuses: ["RECORDING", "UPLOADING"] },
  { name: "Waiting", statuses: ["PENDING", "STARTED", "WAITING"] },
  { name: "Complete", statuses: ["COMPLETED"] },
  { name: "Failed", statuses: ["FAILED", "CANCELLED"] },
];

type Props = {
  group: string;
  onGroup: (name: string) => void;
  search: string;
  onSearch: (text: string) => void;
};

export function Filters({ group, onGroup, search, onSearch }: Props) {
  return (
    <div className="flex flex-wrap items-center gap-3 py-4">
      <fieldset className="flex flex-wrap gap-0.5 sm:gap-1.5">
        <legend className="sr-only">Show</legend>
        {GROUPS.map(({ name }) => (
          <label
            key={name}
            className={cn(
              "cursor-pointer rounded-full border px-2 py-1.5 text-sm sm:px-3.5 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent-strong",
              name === group
                ? "border-accent/70 bg-accent/15 text-accent-strong"
                : "border-line text-dim hover:text-foreground",
            )}
          >
            <input
              type="radio"
              name="group"
              value={name}
              checked={name === group}
              onChange={() => onGroup(name)}
              className="sr-only"
            />
            {name}
          </label>
        ))}
      </fieldset>
      <div className="relative min-w-48 grow sm:max-w-80 sm:ml-auto">
        <Search aria-hidden className="absolute top-3 left-3 size-4 text-dim" />
        <Input
          type="search"
          aria-label="Search title, channel or address"
          placeholder="Search"
          maxLength={100}
          className="pl-9"
          value={search}
          onChange={(event) => onSearch(event.target.value)}
        />
      </div>
    </div>
  );
}
