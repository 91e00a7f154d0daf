import type { NextConfig } from "next";

// `aircheck serve` and CloudFront serve the exported files; there is no Node at run time.
const config: NextConfig = {
  output: "export",
  images: { unoptimized: true },
  reactStrictMode: true,
  poweredByHeader: false,
  // In development the API of a local `aircheck serve` answers under /api, as it does in production.
  ...(process.env.NODE_ENV === "development" && {
    output: undefined,
    rewrites: async () => [
      {
        source: "/api/:path*",
        destination: `${process.env.AIRCHECK_SERVER ?? "http://127.0.0.1:8470"}/api/:path*`,
      },
    ],
  }),
};

export default config;
