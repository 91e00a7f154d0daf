#!/usr/bin/env bash
# Copies the dashboard in web/out/ (see util/build-web.sh) to the bucket of terraform/frontend, and has CloudFront forget what it
# kept. Files with a hash in their name are to be kept by browsers for ever, pages are to be asked for again.
#
#   util/upload-web.sh
#   util/upload-web.sh --help
#
# Examples:
#   NEXT_PUBLIC_API_URL=/prod util/build-web.sh && util/upload-web.sh
set -euo pipefail
# shellcheck source=util/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

case ${1:-} in
  '') ;;
  -h | --help)
    usage
    exit
    ;;
  *) misuse "unknown argument '$1'" ;;
esac
need aws terraform jq
[[ -f web/out/index.html ]] || die "there is no dashboard in web/out; util/build-web.sh makes it"
bucket=$(deployed frontend bucket_name) distribution=$(deployed frontend distribution_id)
[[ $bucket && $distribution ]] || die "terraform/frontend has not been applied"
use_region

hashed() {
  aws s3 sync web/out/_next/static "s3://$bucket/_next/static" --only-show-errors --exclude '*.gz' \
    --cache-control 'public, max-age=31536000, immutable' "$@"
}

# First what new pages ask for, then the pages, then away with what no page asks for any more.
hashed
aws s3 sync web/out "s3://$bucket" --only-show-errors --delete --exclude '_next/static/*' --exclude '*.gz' \
  --exclude .fingerprint --exclude content-security-policy.txt --cache-control no-cache
hashed --delete
aws cloudfront create-invalidation --distribution-id "$distribution" --paths '/*' --query Invalidation.Id --output text >/dev/null
say "the dashboard is in s3://$bucket; CloudFront takes a minute"
