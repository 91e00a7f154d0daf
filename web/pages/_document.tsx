import Document, { Head, Html, Main, NextScript } from "next/document";
import { isValidElement, type JSX, type ReactNode } from "react";

// As soon as the page is painted, or will not be for now, it gets its scripts. Where no paint is ever told, they come
// nevertheless. Turbopack knows its chunks by their paths, as they stand in the attribute, and wants them in their order.
const START = `(() => {
  let started = false;
  const start = () => {
    if (started) return;
    started = true;
    for (const link of document.querySelectorAll("link[as=script]")) {
      const script = document.createElement("script");
      script.setAttribute("src", link.getAttribute("href"));
      script.async = false;
      document.head.append(script);
    }
  };
  if (document.hidden) return start();
  new PerformanceObserver(start).observe({ type: "paint", buffered: true });
  setTimeout(start, 1000);
})()`.replace(/\n\s*/g, "");

type Source = { src?: string };

const isFile = (child: ReactNode): child is JSX.Element & { props: Source } =>
  isValidElement<Source>(child) && child.type === "script" && Boolean(child.props.src);

/**
 * Fetches the scripts at once but runs them after the first paint: what the exported page holds is to be seen without them, and
 * on a phone they take the processor for longer than the page itself.
 */
class PaintFirst extends Head {
  override getScripts(files: Parameters<Head["getScripts"]>[0]): JSX.Element[] {
    const scripts = super.getScripts(files);
    if (this.context.isDevelopment) return scripts;
    return [
      ...scripts.map((script) =>
        isFile(script) ? (
          <link key={script.key} rel="preload" as="script" fetchPriority="low" href={script.props.src} />
        ) : (
          script
        ),
      ),
      // biome-ignore lint/security/noDangerouslySetInnerHtml: it is the constant above
      <script key="start" dangerouslySetInnerHTML={{ __html: START }} />,
    ];
  }
}

export default class Page extends Document {
  override render() {
    return (
      <Html lang="en">
        <PaintFirst>
          <meta name="theme-color" content="#000000" />
          <meta name="color-scheme" content="dark" />
          <link rel="icon" href="/icon.svg" sizes="any" type="image/svg+xml" />
        </PaintFirst>
        <body>
          <Main />
          <NextScript />
        </body>
      </Html>
    );
  }
}
