#!/bin/sh
# Begins every container: fetches a newer yt-dlp if it is told to, then aircheck takes this process's place, so that the
# signals of Docker and ECS reach it. Milestones, heartbeats and the upload are aircheck's own work.
#
#   AIRCHECK_YTDLP_UPDATE            unset, empty or 0: the yt-dlp of the image; 1: the newest; 2026.10.26: that one
#   AIRCHECK_YTDLP_UPDATE_TIMEOUT    most seconds for it (default 60)
#   AIRCHECK_COOKIES_TEXT            a cookies file's text, as ECS hands over a secret; becomes the file of --cookies
#
# The root is read-only, so a newer one goes to TMPDIR (default /tmp). When it cannot be had the image's own is used: a
# recording that begins with an older yt-dlp is better than none.
set -eu

say() { printf 'entrypoint: %s\n' "$*" >&2; }

update_yt_dlp() {
  folder=${TMPDIR:-/tmp}/aircheck-yt-dlp
  set -- "$folder" --without-runtime
  [ "$AIRCHECK_YTDLP_UPDATE" = 1 ] || set -- "$@" --version "$AIRCHECK_YTDLP_UPDATE"
  # In the background, for a shell heeds a signal only between two commands or in wait.
  timeout --kill-after=5 "${AIRCHECK_YTDLP_UPDATE_TIMEOUT:-60}" /usr/lib/aircheck/update-yt-dlp "$@" &
  updater=$!
  trap 'kill "$updater" 2>/dev/null; exit 143' TERM INT
  if wait "$updater"; then
    export AIRCHECK_YT_DLP="$folder/current/bin/yt-dlp"
  else
    say "going on with the yt-dlp of the image"
  fi
  trap - TERM INT
}

keep_cookies() {
  AIRCHECK_COOKIES=${TMPDIR:-/tmp}/aircheck-cookies.txt
  (umask 077 && printf '%s\n' "$AIRCHECK_COOKIES_TEXT" >"$AIRCHECK_COOKIES")
  export AIRCHECK_COOKIES
  unset AIRCHECK_COOKIES_TEXT
}

[ -z "${AIRCHECK_COOKIES_TEXT:-}" ] || keep_cookies

case ${AIRCHECK_YTDLP_UPDATE:-0} in
  0) ;;
  *) update_yt_dlp ;;
esac

exec aircheck "$@"
