// The script of the built-in page. It builds the document from text nodes only: a stream's title is never markup.
#include <string_view>

namespace aircheck::server {

extern const std::string_view kBuiltinScript;
const std::string_view kBuiltinScript = R"js('use strict';
const api = '/api';
const $ = id => document.getElementById(id);
const jobs = new Map();
const rows = new Map();
let token = localStorage.getItem('aircheck_token') || '';
let next = null;

// A player and an event stream cannot send headers, so they send a cookie; the server takes it for reading only.
function keepToken(value) {
  token = value;
  localStorage.setItem('aircheck_token', token);
  document.cookie = `aircheck_token=${encodeURIComponent(token)}; SameSite=Strict; Path=${api}; Max-Age=31536000`;
}

async function call(method, path, body) {
  const headers = {};
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers['Content-Type'] = 'application/json';
  const answer = await fetch(api + path, {method, headers, body: body && JSON.stringify(body)});
  if (answer.status === 401) {
    const given = prompt('This server wants its token (AIRCHECK_TOKEN):');
    if (given) { keepToken(given.trim()); return call(method, path, body); }
  }
  const text = await answer.text();
  const value = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Error([value.detail, value.hint].filter(Boolean).join('\n'));
  return value;
}

function say(text) {
  $('message').textContent = text || '';
  $('message').hidden = !text;
}

async function attempt(work) {
  try { await work(); say(''); } catch (error) { say(error.message); }
}

function size(bytes) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let i = 0;
  while (bytes >= 1000 && i < units.length - 1) { bytes /= 1000; ++i; }
  return `${bytes.toFixed(i > 1 ? 1 : 0)} ${units[i]}`;
}

function duration(ms) {
  const s = Math.floor(ms / 1000), pad = n => String(n).padStart(2, '0');
  return `${Math.floor(s / 3600)}:${pad(Math.floor(s / 60) % 60)}:${pad(s % 60)}`;
}

function facts(job) {
  const list = [];
  if (job.channel) list.push(job.channel);
  if (job.quality_got) list.push(job.quality_got);
  if (job.media_ms) list.push(duration(job.media_ms));
  if (job.bytes) list.push(size(job.bytes));
  if (job.status === 'RECORDING' && job.lag_ms) list.push(`${(job.lag_ms / 1000).toFixed(0)} s behind live`);
  if (job.gaps && job.gaps.length) list.push(`${job.gaps.length} gap${job.gaps.length > 1 ? 's' : ''}`);
  if (job.status === 'WAITING' && job.not_before) list.push(`from ${new Date(job.not_before).toLocaleString()}`);
  if (job.status === 'COMPLETED' && job.verdict) list.push(job.verdict.complete ? 'complete' : 'with holes');
  if (job.stop_requested !== 'NONE' && !ended(job)) list.push(`${job.stop_requested.toLowerCase()} asked for`);
  if (job.created_at) list.push(new Date(job.created_at).toLocaleString());
  return list.join(' · ');
}

const ended = job => ['COMPLETED', 'FAILED', 'CANCELLED'].includes(job.status);
const fileUrl = (job, extra) => `${api}/jobs/${job.id}/recording${extra}`;

function element(name, className, text) {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

function button(text, act, className) {
  const node = element('button', className, text);
  node.type = 'button';
  node.addEventListener('click', () => attempt(act));
  return node;
}

function play(job) {
  const video = document.querySelector('#player video');
  video.src = fileUrl(job, '');
  $('player').hidden = false;
  video.play().catch(() => {});
  video.scrollIntoView({block: 'nearest'});
}

function closePlayer() {
  const video = document.querySelector('#player video');
  video.removeAttribute('src');
  video.load();
  $('player').hidden = true;
}

async function wish(job, what) { put(await call('POST', `/jobs/${job.id}/${what}`)); }

function actions(job) {
  const list = [];
  const sure = text => confirm(`${text}\n\n${job.title || job.url}`);
  if (job.bytes > 0 && job.status !== 'CANCELLED') {
    list.push(button('Play', async () => play(job)));
    (job.recordings.length ? job.recordings : [{}]).forEach((file, i) => {
      const link = element('a', '', i ? `Download part ${i + 1}` : 'Download');
      link.href = fileUrl(job, `?file=${i + 1}&download=1`);
      list.push(link);
    });
  }
  if (!ended(job)) {
    list.push(button('Stop & keep', () => wish(job, 'stop')));
    list.push(button('Cancel', async () => { if (sure('Stop, and discard what is recorded?')) await wish(job, 'cancel'); }, 'danger'));
  } else {
    if (job.status !== 'COMPLETED') list.push(button('Try again', () => wish(job, 'retry')));
    list.push(button('Delete', async () => {
      if (!sure('Delete this job and its recording?')) return;
      await call('DELETE', `/jobs/${job.id}`);
      drop(job.id);
    }, 'danger'));
  }
  return list;
}

function put(job) {
  const known = jobs.get(job.id);
  if (known && known.version > job.version) return;
  jobs.set(job.id, job);
  let row = rows.get(job.id);
  if (!row) rows.set(job.id, row = {node: element('li'), shape: ''});
  const head = element('div', 'head');
  head.append(element('span', 'title', job.title || job.url), element('span', `status ${job.status}`, job.status));
  const lines = [head, element('p', 'facts', facts(job))];
  if (job.error) lines.push(element('p', 'facts bad', job.error.message));
  // The buttons stay the same nodes while they mean the same: a click or the focus must not be lost at each heartbeat.
  const shape = [job.status, job.bytes > 0, job.recordings.length].join();
  if (shape !== row.shape) {
    row.actions = element('div', 'actions');
    row.actions.append(...actions(job));
    row.shape = shape;
    row.node.replaceChildren(...lines, row.actions);
  } else {
    while (row.node.firstChild !== row.actions) row.node.firstChild.remove();
    row.actions.before(...lines);
  }
  if (!row.node.isConnected) place(row.node, job);
  $('empty').hidden = true;
}

// Newest first; ids sort by time.
function place(node, job) {
  node.dataset.order = job.created_at + job.id;
  const after = [...$('jobs').children].find(other => other.dataset.order < node.dataset.order);
  $('jobs').insertBefore(node, after || null);
}

function drop(id) {
  jobs.delete(id);
  rows.get(id)?.node.remove();
  rows.delete(id);
  $('empty').hidden = jobs.size > 0;
}

async function load(cursor) {
  const page = await call('GET', `/jobs?limit=50${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
  page.jobs.forEach(put);
  next = page.next;
  $('more').hidden = !next;
  $('empty').hidden = jobs.size > 0;
}

function listen() {
  const events = new EventSource(`${api}/events`);
  const show = (text, live) => { $('link').textContent = text; $('link').classList.toggle('live', live); };
  events.addEventListener('open', () => { show('live', true); attempt(() => load()); });
  events.addEventListener('error', () => {
    show('not connected; trying again …', false);
    // After an error answer the browser gives up; we do not.
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
  });
  events.addEventListener('job', event => put(JSON.parse(event.data)));
  events.addEventListener('removed', event => drop(JSON.parse(event.data).id));
}

$('submit').addEventListener('submit', event => {
  event.preventDefault();
  attempt(async () => {
    const job = await call('POST', '/jobs',
      {url: $('url').value, quality: $('quality').value, from_start: $('from_start').checked});
    put(job);
    $('url').value = '';
  });
});
$('more').addEventListener('click', () => attempt(() => load(next)));
$('close-player').addEventListener('click', closePlayer);
document.querySelector('#player video').addEventListener('error', () => {
  if (!$('player').hidden) say('This browser cannot play the recording; download it and use a player such as mpv or VLC.');
});
if (token) keepToken(token);
attempt(() => load()).then(listen);
)js";

}  // namespace aircheck::server
