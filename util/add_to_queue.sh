#!/usr/bin/env bash
# Enqueues a recording: makes the job's UUID, sends it, and prints the UUID and the key that the recording will have.
#
#   util/add_to_queue.sh [--quality Q] [--title TEXT] [--from-start] URL...
#   util/add_to_queue.sh --direct [OPTION...] URL...
#   util/add_to_queue.sh --help
#
# Through the API, which checks the URL: AIRCHECK_SERVER is its address (http://host:8470, or the output api_endpoint of
# terraform/backend, which is taken when it is not set), AIRCHECK_TOKEN its token. Sent twice with the same --key, it is
# one job.
#
# With --direct past the API, straight into DynamoDB and SQS, with the AWS credentials of the environment: for when the API is
# down. AIRCHECK_TABLE and AIRCHECK_QUEUE_URL are taken from terraform/backend when they are not set. The URL is not checked:
# the recorder will tell.
#
# Examples:
#   util/add_to_queue.sh https://www.youtube.com/watch?v=jfKfPfyJRdk
#   AIRCHECK_SERVER=http://127.0.0.1:8470 util/add_to_queue.sh --quality 720 https://youtu.be/jfKfPfyJRdk
#   util/add_to_queue.sh --direct --title 'The launch' https://www.youtube.com/watch?v=jfKfPfyJRdk
set -euo pipefail
# shellcheck source=util/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

direct='' quality=best title='' from_start=false key='' urls=()
while (($#)); do
  case $1 in
    --direct) direct=1 ;;
    --quality | --title | --key)
      (($# > 1)) || misuse "$1 needs a value"
      printf -v "${1#--}" '%s' "$2"
      shift
      ;;
    --from-start) from_start=true ;;
    -h | --help)
      usage
      exit
      ;;
    --)
      shift
      urls+=("$@")
      break
      ;;
    -*) misuse "unknown option '$1'" ;;
    *) urls+=("$1") ;;
  esac
  shift
done
((${#urls[@]})) || misuse "no URL given"
[[ -z $key || ${#urls[@]} == 1 ]] || misuse "--key is for one URL"
need jq

# recording_key CREATED-AT VIDEO ID, as core/names.hpp makes it
recording_key() {
  local video=${2:-stream}
  printf 'recordings/%s/%s/%s-%s.mkv' "${1:0:4}" "${1:5:2}" "${video//[^A-Za-z0-9_-]/_}" "$3"
}

report() { printf '%s  %s\n' "$1" "$2"; }

# The token does not show in the list of processes: curl reads it from a descriptor.
send_by_api() {
  local server token answer status body id=$2
  server=$(wanted AIRCHECK_SERVER api_endpoint)
  server=${server%/}
  [[ $server =~ ^https?://[^/]+$ ]] && server+=/api # as `aircheck submit` does
  token=${AIRCHECK_TOKEN:-}
  body=$(jq -cn --arg url "$1" --arg quality "$quality" --arg title "$title" --argjson from_start "$from_start" \
    '{url: $url, quality: $quality, from_start: $from_start} + if $title == "" then {} else {title: $title} end')
  answer=$(curl -sS --max-time 30 --retry 3 --retry-connrefused -w '\n%{http_code}' -X POST "$server/jobs" \
    -H 'Content-Type: application/json' -H "Idempotency-Key: $id" --data-binary "$body" \
    -K <([[ -z $token ]] || printf 'header = "Authorization: Bearer %s"\n' "$token")) ||
    die "$server cannot be reached"
  status=${answer##*$'\n'}
  answer=${answer%$'\n'*}
  [[ $status == 201 ]] || die "$server refused $1: $(jq -r '[.detail, .hint] | map(select(. != null and . != "")) | join(" ")' \
    <<<"$answer" 2>/dev/null || echo "status $status")"
  id=$(jq -r .id <<<"$answer")
  report "$id" "$(recording_key "$(jq -r .created_at <<<"$answer")" "$(jq -r '.video_id // ""' <<<"$answer")" "$id")"
}

# The eleven characters that YouTube names a video by, where the URL has them.
video_id() {
  local url=$1
  if [[ $url =~ ^https?://([a-z]+\.)?youtube\.com/watch\?(.*\&)?v=([A-Za-z0-9_-]{11}) ]]; then echo "${BASH_REMATCH[3]}"
  elif [[ $url =~ ^https?://(youtu\.be|([a-z]+\.)?youtube\.com/(live|shorts|embed))/([A-Za-z0-9_-]{11}) ]]; then echo "${BASH_REMATCH[4]}"
  fi
}

# The item that src/aws/dynamo_jobs.cpp writes for a new job; tests hold it against one of the API's.
new_item() {
  jq -cn --arg id "$1" --argjson ms "$2" --arg at "$3" --arg url "$4" --arg video "$5" --arg title "$title" \
    --arg quality "$quality" --argjson from_start "$from_start" --arg write "$(uuid7 "$2")" '
    def text: {S: .}; def number: {N: tostring}; def flag: {BOOL: .};
    {
      id: $id | text, url: $url | text, video_id: $video | text, title: $title | text, channel: "" | text,
      thumbnail_url: "" | text, status: "PENDING" | text, quality: $quality | text, quality_got: "" | text,
      from_start: $from_start | flag, created_at: $at | text, bytes: 0 | number, media_ms: 0 | number, gaps: {L: []},
      attempt: 0 | number, fruitless_attempts: 0 | number, lease_owner: "" | text, stop_requested: "NONE" | text,
      recordings: {L: []}, version: 1 | number, everything: "job" | text,
      place: ("\($ms | tostring | ("00000000000000000000" + .)[-20:]).\($id)" | text),
      search: ("\($title)\n\n\($url)\n\($video)" | ascii_downcase | text),
      written_at: $ms | number, write_id: $write | text, due_kind: "pending" | text, due_at: $ms | number
    }'
}

send_directly() {
  local table queue url=$1 id ms at video
  table=$(wanted AIRCHECK_TABLE table_name)
  queue=$(wanted AIRCHECK_QUEUE_URL queue_url)
  ms=$(date +%s%3N)
  at=$(date -u -d "@$((ms / 1000))" +%Y-%m-%dT%H:%M:%S).$(printf '%03d' $((ms % 1000)))Z
  id=$(uuid7 "$ms")
  video=$(video_id "$url")
  [[ -z $video ]] || url="https://www.youtube.com/watch?v=$video"
  aws dynamodb put-item --table-name "$table" --item "$(new_item "$id" "$ms" "$at" "$url" "$video")" \
    --condition-expression 'attribute_not_exists(id)' >/dev/null
  # Should this fail, the reconciler sends the message within a minute.
  aws sqs send-message --queue-url "$queue" --message-body "{\"job_id\":\"$id\"}" --message-group-id "$id" \
    --message-deduplication-id "$id%3A1" >/dev/null || say "stored, but not queued; the reconciler will do that"
  report "$id" "$(recording_key "$at" "$video" "$id")"
}

if [[ $direct ]]; then
  need aws
  use_region
else
  need curl
fi
for url in "${urls[@]}"; do
  if [[ $direct ]]; then send_directly "$url"; else send_by_api "$url" "${key:-$(uuid7 "$(date +%s%3N)")}"; fi
done
