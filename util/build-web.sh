#!/usr/bin/env bash
# Installs the dashboard's packages, builds it, and exports it into web/out/, where `aircheck serve` finds it and from where it
# can be copied to any static host.
#
#   util/build-web.sh [--if-changed]    --if-changed: nothing when web/out/ is newer than its sources
#   util/build-web.sh --help
#
# NEXT_PUBLIC_API_URL (default /api) and NEXT_PUBLIC_POLL_INTERVAL (ms, default 5000) are built in; web/.env.local may hold them.
#
# Examples:
#   util/build-web.sh
#   NEXT_PUBLIC_API_URL=https://abc.execute-api.eu-west-1.amazonaws.com/prod util/build-web.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../web"
# tools/setup leaves a newer Node.js there where the machine's own is too old, as Debian 12's is.
export PATH=$PWD/../build/venv/bin:$PATH

die() {
  printf 'build-web: %s\n' "$*" >&2
  exit 1
}

case ${1:-} in
  -h | --help)
    sed -n '2,/^set /{/^set /d; s/^# \{0,1\}//; p}' "${BASH_SOURCE[0]##*/}" 2>/dev/null ||
      sed -n '2,/^set /{/^set /d; s/^# \{0,1\}//; p}' "../util/${BASH_SOURCE[0]##*/}"
    exit
    ;;
  '' | --if-changed) ;;
  *) die "unknown argument '$1'; see util/build-web.sh --help" ;;
esac

# What the build depends on, in one word.
fingerprint() {
  {
    printf '%s\n' "${NEXT_PUBLIC_API_URL:-}" "${NEXT_PUBLIC_POLL_INTERVAL:-}"
    find . \( -name node_modules -o -name .next -o -path ./out -o -path ./mock \) -prune -o -type f ! -name '*.tsbuildinfo' \
      ! -name next-env.d.ts -print0 | sort -z | xargs -0 sha256sum
  } | sha256sum | cut -d' ' -f1
}

readonly stamp=out/.fingerprint
wanted=$(fingerprint)
if [[ ${1:-} == --if-changed && $wanted == "$(cat "$stamp" 2>/dev/null)" ]]; then exit 0; fi

command -v node >/dev/null || die "Node.js 20 or newer is needed (Debian: nodejs npm)"
(($(node -p 'process.versions.node.split(".")[0]') >= 20)) || die "Node.js 20 or newer is needed, this is $(node --version)"

# npm ci costs half a minute: only when the lock file is another than what is installed.
if ! cmp -s package-lock.json node_modules/.installed-lock; then
  npm ci --no-audit --no-fund --loglevel=error >&2
  cp package-lock.json node_modules/.installed-lock
fi
export NEXT_TELEMETRY_DISABLED=1
npm run --silent build >&2
echo "$wanted" >"$stamp"
echo "the dashboard is in web/out/" >&2
