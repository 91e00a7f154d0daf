#!/usr/bin/env bash
# Sends dead letters to the queue again: jobs that could not be started five times over. Each is sent first and removed
# afterwards, under an id of its own: whatever fails in between, none is lost or doubled.
#
#   util/replay-dlq.sh            send all again
#   util/replay-dlq.sh --list     only show them; they stay hidden from others for half a minute
#   util/replay-dlq.sh --purge    delete them; the jobs themselves stay, and the reconciler sends for them what they need
#   util/replay-dlq.sh --help
#
# AIRCHECK_QUEUE_URL and AIRCHECK_DEAD_LETTER_URL are taken from terraform/backend when they are not set.
#
# Examples:
#   util/replay-dlq.sh --list
#   AWS_PROFILE=recordings util/replay-dlq.sh
set -euo pipefail
# shellcheck source=util/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

what=replay
case ${1:-} in
  '') ;;
  --list | --purge) what=${1#--} ;;
  -h | --help)
    usage
    exit
    ;;
  *) misuse "unknown argument '$1'" ;;
esac
(($# < 2)) || misuse "one argument at most"
need aws jq

queue=$(wanted AIRCHECK_QUEUE_URL queue_url)
dead=$(wanted AIRCHECK_DEAD_LETTER_URL dead_letter_queue_url)
count=0
use_region

# handle MESSAGE: a line of JSON
handle() {
  local id body group receipt
  id=$(jq -r .MessageId <<<"$1")
  body=$(jq -r .Body <<<"$1")
  group=$(jq -r .Attributes.MessageGroupId <<<"$1")
  receipt=$(jq -r .ReceiptHandle <<<"$1")
  printf '%s  %s\n' "$(jq -r '.Attributes.SentTimestamp | tonumber / 1000 | todate' <<<"$1")" "$body"
  [[ $what != list ]] || return 0
  if [[ $what == replay ]]; then
    aws sqs send-message --queue-url "$queue" --message-body "$body" --message-group-id "$group" \
      --message-deduplication-id "replay-$id" >/dev/null
  fi
  aws sqs delete-message --queue-url "$dead" --receipt-handle "$receipt"
}

receive() {
  aws sqs receive-message --queue-url "$dead" --max-number-of-messages 10 --visibility-timeout 30 \
    --attribute-names MessageGroupId SentTimestamp --output json
}

while true; do
  batch=$(receive) # on its own line: a failure here ends the script
  messages=$(jq -c '.Messages[]?' <<<"$batch")
  [[ $messages ]] || break
  while read -r message; do
    handle "$message"
    ((++count))
  done <<<"$messages"
done
case $what in
  list) say "$count dead letters" ;;
  purge) say "$count dead letters deleted" ;;
  replay) say "$count dead letters sent again" ;;
esac
