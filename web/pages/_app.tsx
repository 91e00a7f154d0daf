import type { AppProps } from "next/app";
import Head from "next/head";
import { Suspense } from "react";
import { Toaster } from "@/components/ui/toast";
import "@/styles/globals.css";

export default function App({ Component, pageProps }: AppProps) {
  return (
    <>
      <Head>
        <title>aircheck</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="description" content="Live streams, recorded without losing anything" />
      </Head>
      {/* React takes over what stands in such a boundary piece by piece, and the page stays responsive meanwhile. */}
      <Suspense>
        <Component {...pageProps} />
      </Suspense>
      <Toaster />
    </>
  );
}
