import { Jobs } from "@/components/jobs";

export default function Page() {
  return <Jobs />;
}
