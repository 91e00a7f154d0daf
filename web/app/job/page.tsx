import type { Metadata } from "next";
import { Suspense } from "react";
import { JobDetails } from "@/components/job-details";

export const metadata: Metadata = { title: "Recording · aircheck" };

// Dynamic routes cannot be exported: the job's id is in the query.
export default function Page() {
  return (
    <Suspense>
      <JobDetails />
    </Suspense>
  );
}
