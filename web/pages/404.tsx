import Link from "next/link";

export default function NotFound() {
  return (
    <main className="mx-auto max-w-xl px-4 py-24 text-center">
      <h1 className="text-2xl font-semibold">There is nothing at this address</h1>
      <p className="mt-3 text-dim">
        <Link className="text-accent underline underline-offset-4" href="/">
          All recordings
        </Link>
      </p>
    </main>
  );
}
