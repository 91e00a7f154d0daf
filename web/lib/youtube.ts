// Which addresses can be recorded. The API has the last word (src/core/stream_url.cpp); this says at once what is wrong.

export type Recognised = { ok: true; url: string; videoId: string } | { ok: false; reason: string };

const HOSTS = new Set([
  "youtube.com",
  "www.youtube.com",
  "m.youtube.com",
  "music.youtube.com",
  "gaming.youtube.com",
]);
const NOCOOKIE = new Set(["youtube-nocookie.com", "www.youtube-nocookie.com"]);
const VIDEO_ID = /^[A-Za-z0-9_-]{11}$/;
const wrong = (reason: string): Recognised => ({ ok: false, reason });

function video(id: string | undefined): Recognised {
  if (!id || !VIDEO_ID.test(id))
    return wrong("A video's id has eleven letters or digits; this address has none.");
  return { ok: true, url: `https://www.youtube.com/watch?v=${id}`, videoId: id };
}

function channel(parts: string[]): Recognised | null {
  const [first = "", second = "", third = ""] = parts;
  if (first.startsWith("@") && first.length > 1) {
    if (second && second !== "live" && second !== "streams" && second !== "featured") return null;
    return { ok: true, url: `https://www.youtube.com/${first}/live`, videoId: "" };
  }
  if ((first === "channel" || first === "c" || first === "user") && second) {
    if (third && third !== "live" && third !== "streams" && third !== "featured") return null;
    return { ok: true, url: `https://www.youtube.com/${first}/${second}/live`, videoId: "" };
  }
  return null;
}

function parse(text: string): URL | null {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  try {
    return new URL(withScheme);
  } catch {
    return null;
  }
}

/** Recognises every form in which YouTube hands out the address of a live stream. */
export function recognise(input: string): Recognised {
  const text = input.trim();
  if (!text) return wrong("Paste the address of a live stream.");
  if (VIDEO_ID.test(text) && !text.includes(".")) return video(text);
  if (/\s/.test(text)) return wrong("An address has no blanks in it.");
  if (text.startsWith("@") && text.length > 1) return channel([text]) ?? wrong("This is no channel's name.");
  const url = parse(text);
  if (!url) return wrong("This is no address.");
  if (url.protocol !== "https:" && url.protocol !== "http:")
    return wrong("Only http and https addresses can be recorded.");
  if (url.username || url.password) return wrong("The address must not hold a user name or password.");
  const host = url.hostname.toLowerCase();
  const parts = url.pathname.split("/").filter(Boolean);
  if (host === "youtu.be" || host === "www.youtu.be") return video(parts[0]);
  if (!HOSTS.has(host) && !NOCOOKIE.has(host)) return wrong(`${host} is not YouTube.`);
  if (parts[0] === "playlist") return wrong("This is a playlist. Paste the address of one live stream.");
  if (parts[0] === "watch" || parts.length === 0) return video(url.searchParams.get("v") ?? undefined);
  if (["live", "embed", "shorts", "v", "e"].includes(parts[0] ?? "") && parts[1] !== "live_stream")
    return video(parts[1]);
  return channel(parts) ?? wrong("This page of YouTube is no live stream. Paste the stream's own address.");
}
