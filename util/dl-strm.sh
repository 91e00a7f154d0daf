#!/usr/bin/env bash
# Records one stream on this machine into one .mkv, without server or account: `aircheck record`, built first if it is not there
# (AIRCHECK_BIN names another program).
#
#   util/dl-strm.sh URL [-o FILE] [OPTION of `aircheck record`...]
#   util/dl-strm.sh --help
#
# Ctrl-C finishes the file; the same command again goes on with an unfinished one. Exit status: 0 complete, 1 failed, 2 wrong
# usage, 3 kept but with holes. `aircheck record --help` tells all options.
#
# Examples:
#   util/dl-strm.sh https://www.youtube.com/watch?v=jfKfPfyJRdk
#   util/dl-strm.sh https://www.youtube.com/@NASA/live -o launch.mkv --from-start --quality 1080
set -euo pipefail
# shellcheck source=util/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in
  -h | --help)
    usage
    exit
    ;;
  '') misuse "no URL given" ;;
esac

program=${AIRCHECK_BIN:-$root/build/release/bin/aircheck}
[[ -x $program ]] || program=$(command -v aircheck) || {
  "$root/run" build
  program=$root/build/release/bin/aircheck
}
export PATH=$root/build/venv/bin:$PATH # its yt-dlp
exec "$program" record "$@"
