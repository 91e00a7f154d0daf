import type { NextConfig } from "next";

// `aircheck serve` and CloudFront serve the exported files; there is no Node at run time.
const config: NextConfig = {
  output: "export",
  images: { unoptimized: true },
  reactStrictMode: true,
  poweredByHeader: false,
  typescript: { ignoreBuildErrors: true }, // `npm run lint` looks at types: who only builds need not wait for that
  // In development the API of a local `aircheck serve` answers under /api, as it does in production (tools/dev.mjs).
  ...(process.env.NODE_ENV === "development" && {
    output: undefined,
    compress: false, // it would hold events back
    rewrites: async () => [
      { source: "/api/:path*", destination: `${process.env.AIRCHECK_SERVER}/api/:path*` },
    ],
  }),
};

export default config;
