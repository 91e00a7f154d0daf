import Head from "next/head";
import { JobDetails } from "@/components/job-details";

// Dynamic routes cannot be exported: the job's id is in the query.
export default function Page() {
  return (
    <>
      <Head>
        <title>Recording · aircheck</title>
      </Head>
      <JobDetails />
    </>
  );
}
