#pragma once
// The database's tables, as the list of steps that lead to them. A step that was released is never changed: the next one
// is added. The file's user_version is the number of steps it has seen.

#include <array>

namespace aircheck::sqlite {

inline constexpr std::array<const char*, 2> kMigrations{
    // 1. `body` is the job's JSON; the other columns repeat what is searched, sorted or compared. Times are milliseconds
    // since the epoch. `change` numbers all writes, for the feed.
    R"sql(
CREATE TABLE jobs (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  status TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  written_at INTEGER NOT NULL,
  lease_expires_at INTEGER,
  not_before INTEGER,
  change INTEGER NOT NULL,
  search TEXT NOT NULL,
  body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX jobs_by_age ON jobs (created_at, id);
CREATE INDEX jobs_by_status ON jobs (status, created_at, id);
CREATE UNIQUE INDEX jobs_by_change ON jobs (change);

CREATE TABLE removed_jobs (change INTEGER PRIMARY KEY, id TEXT NOT NULL);
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO counters VALUES ('change', 1);

CREATE TABLE messages (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id TEXT NOT NULL,
  visible_at INTEGER NOT NULL,
  receive_count INTEGER NOT NULL DEFAULT 0,
  dead INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX messages_by_job ON messages (dead, job_id, number);
CREATE TABLE message_tokens (token TEXT PRIMARY KEY, sent_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX message_tokens_by_age ON message_tokens (sent_at);
)sql",
    // 2. Watched channels. `body` is the watch's JSON; the other columns repeat what is compared or sorted. A judged video
    // needs no question any more: it got a job, or is no broadcast.
    R"sql(
CREATE TABLE watches (
  id TEXT PRIMARY KEY,
  channel TEXT NOT NULL,
  title TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (channel, title)
) WITHOUT ROWID;

CREATE TABLE judged_videos (
  watch_id TEXT NOT NULL REFERENCES watches ON DELETE CASCADE,
  video_id TEXT NOT NULL,
  PRIMARY KEY (watch_id, video_id)
) WITHOUT ROWID;
)sql",
};

}  // namespace aircheck::sqlite
