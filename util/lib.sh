# shellcheck shell=bash
# What the scripts of this folder have in common; sourced by them after `set -euo pipefail`.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root

say() { printf '%s\n' "$*" >&2; }
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}
misuse() {
  printf '%s: %s; see --help\n' "${0##*/}" "$*" >&2
  exit 2
}

# The comment that the script begins with.
usage() { sed -n '2,/^set /{/^set /d; s/^# \{0,1\}//; p}' "$0"; }

need() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || die "$tool is needed. $(how_to_get "$tool")"
  done
}

how_to_get() {
  case $1 in
    aws) echo "See https://docs.aws.amazon.com/cli/, or: pip install awscli" ;;
    terraform) echo "See https://developer.hashicorp.com/terraform/install" ;;
    *) echo "On Debian: apt-get install $1" ;;
  esac
}

# deployed MODULE OUTPUT: a value that `terraform apply` left, or nothing. Not by `output -raw`: where nothing was applied yet it
# prints a warning for the value, and succeeds.
deployed() {
  { terraform -chdir="$root/terraform/$1" output -json 2>/dev/null || echo '{}'; } | jq -r --arg name "$2" '.[$name].value // empty'
}

# wanted VARIABLE OUTPUT: the variable's value, else the backend's output.
wanted() {
  local value=${!1:-}
  [[ $value ]] || value=$(deployed backend "$2")
  [[ $value ]] || die "nothing is deployed here (terraform/backend has no output '$2'), and $1 is not set"
  printf '%s' "$value"
}

# Where the AWS command line goes: as the environment says (its version 1 reads only AWS_DEFAULT_REGION), else where the
# backend is; its own configuration decides when nothing is known.
use_region() {
  local region=${AWS_REGION:-${AWS_DEFAULT_REGION:-$(deployed backend region)}}
  [[ -z $region ]] || export AWS_REGION=$region AWS_DEFAULT_REGION=$region
  export AWS_PAGER=''
}

# A UUID whose beginning is the time (version 7), so that ids sort by age.
uuid7() {
  local ms=$1 random
  random=$(od -An -N10 -tx1 /dev/urandom | tr -d ' \n')
  printf '%08x-%04x-7%s-%x%s-%s\n' $((ms >> 16)) $((ms & 0xffff)) "${random:0:3}" \
    $((8 | 0x${random:3:1} & 3)) "${random:4:3}" "${random:7:12}"
}

confirm() {
  local answer
  [[ -t 0 ]] || die "nobody is there to answer '$1'; --yes answers"
  read -r -p "$1 [y/N] " answer
  [[ $answer == [yY]* ]] || die "stopped; nothing was changed"
}
