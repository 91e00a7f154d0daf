import { describe, expect, it } from "vitest";
import { recognise } from "./youtube";

const VIDEO = "https://www.youtube.com/watch?v=jfKfPfyJRdk";

describe("recognise", () => {
  it.each([
    "https://www.youtube.com/watch?v=jfKfPfyJRdk",
    "http://youtube.com/watch?v=jfKfPfyJRdk&t=10s",
    "https://m.youtube.com/watch?app=desktop&v=jfKfPfyJRdk",
    "https://music.youtube.com/watch?v=jfKfPfyJRdk",
    "https://www.youtube-nocookie.com/embed/jfKfPfyJRdk?rel=0",
    "https://youtu.be/jfKfPfyJRdk?si=abc",
    "https://www.youtube.com/live/jfKfPfyJRdk?feature=share",
    "https://www.youtube.com/embed/jfKfPfyJRdk",
    "https://www.youtube.com/shorts/jfKfPfyJRdk",
    "https://www.youtube.com/v/jfKfPfyJRdk",
    "www.youtube.com/watch?v=jfKfPfyJRdk",
    "  https://www.youtube.com/watch?v=jfKfPfyJRdk\n",
    "jfKfPfyJRdk",
  ])("takes the video %s", (text) => {
    expect(recognise(text)).toEqual({ ok: true, url: VIDEO, videoId: "jfKfPfyJRdk" });
  });

  it.each([
    ["https://www.youtube.com/@nasa/live", "https://www.youtube.com/@nasa/live"],
    ["https://www.youtube.com/@nasa", "https://www.youtube.com/@nasa/live"],
    ["@nasa", "https://www.youtube.com/@nasa/live"],
    ["https://www.youtube.com/channel/UC123/live", "https://www.youtube.com/channel/UC123/live"],
    ["youtube.com/c/Name", "https://www.youtube.com/c/Name/live"],
  ])("takes the channel %s", (text, url) => {
    expect(recognise(text)).toEqual({ ok: true, url, videoId: "" });
  });

  it.each([
    ["", "Paste"],
    ["https://vimeo.com/123", "not YouTube"],
    ["https://youtube.com.evil.example/watch?v=jfKfPfyJRdk", "not YouTube"],
    ["https://user:secret@www.youtube.com/watch?v=jfKfPfyJRdk", "user name"],
    ["file:///etc/passwd", "http"],
    ["javascript://www.youtube.com/%0aalert(1)", "http"],
    ["https://www.youtube.com/watch?v=short", "eleven"],
    ["https://www.youtube.com/playlist?list=PL1", "playlist"],
    ["https://www.youtube.com/feed/subscriptions", "no live stream"],
    ["https://www.youtube.com/@nasa/videos", "no live stream"],
    ["two words", "blanks"],
    ["--exec", "not YouTube"],
  ])("says what is wrong with %j", (text, words) => {
    const found = recognise(text);
    expect(found.ok).toBe(false);
    expect(found.ok ? "" : found.reason).toContain(words);
  });
});
