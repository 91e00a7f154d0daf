import Head from "next/head";
import { Watches } from "@/components/watches";

export default function Page() {
  return (
    <>
      <Head>
        <title>Watched channels · aircheck</title>
      </Head>
      <Watches />
    </>
  );
}
