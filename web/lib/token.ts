// The API's token: kept for the tab, or for longer when asked; never in a URL. Players and event sources cannot send headers:
// for them it is a cookie, which the server takes for reading only.
const NAME = "aircheck_token";

const listeners = new Set<() => void>();

function stores(): Storage[] {
  return typeof window === "undefined" ? [] : [window.sessionStorage, window.localStorage];
}

export function readToken(): string {
  for (const store of stores()) {
    try {
      const token = store.getItem(NAME);
      if (token) return token;
    } catch {
      // Storage may be forbidden; then there is no token to be kept.
    }
  }
  return "";
}

// To an API of another origin it would not be sent, so there it is not set.
function setCookie(value: string, seconds: number): void {
  const path = process.env.NEXT_PUBLIC_API_URL || "/api";
  if (!path.startsWith("/")) return;
  const secure = window.location.protocol === "https:" ? "; Secure" : "";
  const age = seconds === 0 ? "" : `; Max-Age=${seconds}`;
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not everywhere yet
  document.cookie = `${NAME}=${encodeURIComponent(value)}; Path=${path}; SameSite=Strict${secure}${age}`;
}

export function keepToken(token: string, remember: boolean): void {
  forgetToken(false);
  (remember ? window.localStorage : window.sessionStorage).setItem(NAME, token);
  setCookie(token, remember ? 31_536_000 : 0);
  for (const tell of listeners) tell();
}

export function forgetToken(tell = true): void {
  if (!readToken()) return;
  for (const store of stores()) store.removeItem(NAME);
  setCookie("", -1);
  if (tell) for (const listener of listeners) listener();
}

export function onToken(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
