// The page that is there without a dashboard: plain, but enough to submit a stream, follow it, stop it and play it.
#include <algorithm>
#include <array>

#include "server/web_files.hpp"

namespace aircheck::server {

extern const std::string_view kBuiltinScript;

namespace {

constexpr std::string_view kHtml = R"html(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark">
<title>aircheck</title>
<link rel="icon" href="/builtin.svg" type="image/svg+xml">
<link rel="stylesheet" href="/builtin.css">
<script src="/builtin.js" defer></script>
<body>
<header>
  <h1><img src="/builtin.svg" alt="" width="28" height="28">aircheck</h1>
  <p id="link" role="status">connecting …</p>
</header>
<main>
  <form id="submit">
    <label for="url">Live stream</label>
    <div class="row">
      <input id="url" name="url" type="text" inputmode="url" autocomplete="off" spellcheck="false" required
             placeholder="https://www.youtube.com/watch?v=… or /@channel/live">
      <select id="quality" aria-label="Quality">
        <option value="best">best</option><option value="1080">1080p</option><option value="720">720p</option>
        <option value="480">480p</option>
      </select>
      <button class="primary">Record</button>
    </div>
    <label class="check"><input id="from_start" type="checkbox"> from the stream's beginning, where that is offered</label>
  </form>
  <p id="message" role="alert" hidden></p>
  <section id="player" hidden aria-label="Player">
    <video controls playsinline></video>
    <button type="button" id="close-player">Close</button>
  </section>
  <ul id="jobs" aria-label="Recordings"></ul>
  <p id="empty" hidden>Nothing recorded yet. Paste the address of a live stream above.</p>
  <button type="button" id="more" hidden>Older</button>
</main>
</body>
</html>
)html";

constexpr std::string_view kStyle =
    R"css(:root { --line: #23260f; --dim: #8f9383; --text: #e8eadf; --accent: #a9b665; --bad: #e0806a; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; background: #000; color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
header { display: flex; justify-content: space-between; align-items: center; border-bottom: 1px solid var(--line); }
h1 { display: flex; gap: .6rem; align-items: center; font-size: 1.3rem; margin: .4rem 0; letter-spacing: .02em; }
#link { color: var(--dim); font-size: .85rem; margin: 0; }
#link.live::before { content: "● "; color: var(--accent); }
form { margin: 1.2rem 0; }
label { display: block; color: var(--dim); font-size: .9rem; margin-bottom: .3rem; }
.row { display: flex; gap: .5rem; flex-wrap: wrap; }
.check { margin-top: .5rem; }
input[type=text], select, button { background: #0b0c06; color: var(--text); border: 1px solid #3b3f22; border-radius: .4rem;
  padding: .5rem .7rem; font: inherit; }
input[type=text] { flex: 1 1 20rem; min-width: 0; }
input[type=checkbox] { accent-color: var(--accent); }
button { cursor: pointer; }
button:hover { border-color: var(--accent); }
button.primary { background: var(--accent); color: #10120a; border-color: var(--accent); font-weight: 600; }
button.danger:hover { border-color: var(--bad); color: var(--bad); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
#message { border-left: 3px solid var(--bad); padding: .3rem .8rem; white-space: pre-line; }
#jobs { list-style: none; margin: 0; padding: 0; }
#jobs li { border-top: 1px solid var(--line); padding: .8rem 0; }
.head { display: flex; gap: .7rem; align-items: baseline; flex-wrap: wrap; }
.title { font-weight: 600; overflow-wrap: anywhere; flex: 1 1 16rem; }
.status { font-size: .8rem; letter-spacing: .05em; color: var(--dim); }
.status.RECORDING, .status.UPLOADING, .status.COMPLETED { color: var(--accent); }
.status.FAILED { color: var(--bad); }
.facts { color: var(--dim); font-size: .9rem; margin: .2rem 0 .5rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.facts.bad { color: var(--bad); }
.actions { display: flex; gap: .5rem; flex-wrap: wrap; font-size: .9rem; }
.actions button { padding: .25rem .7rem; }
a { color: var(--accent); }
.actions a { padding: .3rem 0; }
video { width: 100%; max-height: 70vh; background: #000; border: 1px solid var(--line); border-radius: .4rem; }
#empty { color: var(--dim); }
[hidden] { display: none !important; }
)css";

constexpr std::string_view kIcon =
    R"svg(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b0c06"/>)svg"
    R"svg(<circle cx="16" cy="16" r="10" fill="none" stroke="#a9b665" stroke-width="2.5"/><circle cx="16" cy="16" r="4.5" fill="#a9b665"/></svg>)svg";

}  // namespace

const BuiltinFile* find_builtin(std::string_view path) {
  static const std::array<BuiltinFile, 6> files{{
      {"", "text/html; charset=utf-8", kHtml},
      {"index.html", "text/html; charset=utf-8", kHtml},
      {"builtin.css", "text/css; charset=utf-8", kStyle},
      {"builtin.js", "text/javascript; charset=utf-8", kBuiltinScript},
      {"builtin.svg", "image/svg+xml", kIcon},
      {"favicon.ico", "image/svg+xml", kIcon},
  }};
  const auto* const found = std::ranges::find(files, path, &BuiltinFile::path);
  return found == files.end() ? nullptr : found;
}

}  // namespace aircheck::server
