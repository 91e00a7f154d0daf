#!/usr/bin/env bash
# Brings aircheck into an AWS account, or an installation there up to date: Lambdas, backend, API token, recorder image,
# dashboard, invalidation, in this order. Whatever is as it should be is left as it is; run it again after a failure.
#
#   util/deploy.sh [--yes] [--region REGION] [--name NAME] [--tag TAG] [--skip-image] [--skip-web] [--new-token]
#   util/deploy.sh --cost      what it will cost, and nothing else
#   util/deploy.sh --help
#
#   --yes          do not ask
#   --region       default us-east-1 (or what the last run here used)
#   --name         begins the names of all things; default aircheck
#   --tag          of the image; default: the commit, with a time where there are uncommitted changes
#   --skip-image   the image with the tag is, or will be, in the repository (a pipeline pushes it)
#   --skip-web     the dashboard is left alone
#   --new-token    a new API token; the old one ends within a minute
#
# Credentials are those of the AWS command line (AWS_PROFILE, …). Options for Terraform go into
# terraform/backend/terraform.tfvars and terraform/frontend/terraform.tfvars; docs/deploy.md lists the useful ones. The image is built with docker,
# podman or buildah, whichever is there.
#
# Examples:
#   util/deploy.sh
#   util/deploy.sh --yes --region eu-central-1
#   AWS_PROFILE=recordings util/deploy.sh --skip-web
set -euo pipefail
# shellcheck source=util/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

yes='' region='' name='' tag='' skip_image='' skip_web='' new_token='' cost_only=''
while (($#)); do
  case $1 in
    --yes | --skip-image | --skip-web | --new-token)
      flag=${1#--}
      printf -v "${flag//-/_}" 1
      ;;
    --cost) cost_only=1 ;;
    --region | --name | --tag)
      (($# > 1)) || misuse "$1 needs a value"
      printf -v "${1#--}" '%s' "$2"
      shift
      ;;
    -h | --help)
      usage
      exit
      ;;
    *) misuse "unknown argument '$1'" ;;
  esac
  shift
done

readonly backend=terraform/backend frontend=terraform/frontend
step() { say $'\n'"== $*"; }

# The last run's values, so that a plain `terraform apply` later means the same installation.
remembered() { jq -r --arg name "$2" '.[$name] // empty' "$1/deploy.auto.tfvars.json" 2>/dev/null || true; }
remember() { jq -n "${@:2}" '$ARGS.named | with_entries(select(.value != ""))' >"$1/deploy.auto.tfvars.json"; }

tell_cost() {
  cat >&2 <<'COST'
Cost (us-east-1; docs/cost.md shows the arithmetic and the date of the prices):
  while nothing records   about $1.60 a month: alarms, polling the queue, images
  while a stream records  about $0.025 an hour of 1080p on x86_64, $0.022 on ARM64
  what is kept            about $0.057 a month for each hour of 1080p (2.5 GB)
  what is downloaded      $0.09 per GB above the 100 GB a month that AWS gives
COST
}

apply() {
  local module=$1 auto=()
  [[ -z $yes ]] || auto=(-auto-approve)
  terraform -chdir="$module" init -input=false >/dev/null
  terraform -chdir="$module" apply -input=false "${auto[@]}"
}

machine() {
  case $(uname -m) in
    aarch64 | arm64) echo ARM64 ;;
    *) echo X86_64 ;;
  esac
}

default_tag() {
  local commit
  commit=$(git rev-parse --short=12 HEAD)
  [[ -z $(git status --porcelain) ]] || commit+=-$(date -u +%Y%m%d%H%M%S)
  echo "$commit"
}

apply_backend() {
  remember "$backend" --arg name "$name" --arg region "$region" --arg architecture "$architecture" --arg image_tag "$tag" \
    --arg dashboard_origin "$1"
  apply "$backend"
}

# The token goes by a file that only we can read: neither the list of processes nor Terraform's state ever has it.
set_token() {
  local parameter file
  parameter=$(deployed backend token_parameter)
  if [[ -z $new_token && $(aws ssm get-parameter --name "$parameter" --with-decryption --query Parameter.Value \
    --output text) != unset ]]; then return; fi
  file=$(mktemp)
  openssl rand -hex 32 | tr -d '\n' >"$file"
  aws ssm put-parameter --name "$parameter" --type SecureString --overwrite --value "file://$file" >/dev/null || {
    rm -f "$file"
    die "the token could not be set"
  }
  rm -f "$file"
  say "a new API token is in SSM's parameter $parameter"
}

builder() {
  local tool
  for tool in docker podman buildah; do
    if command -v "$tool" >/dev/null; then
      echo "$tool"
      return
    fi
  done
  die "docker, podman or buildah is needed to build the image (or --skip-image)"
}

has_image() {
  aws ecr describe-images --repository-name "${repository##*/}" --image-ids "imageTag=$tag" >/dev/null 2>&1
}

push_image() {
  local tool build=(build)
  if has_image; then
    say "$repository:$tag is there"
    return
  fi
  tool=$(builder)
  [[ $tool != buildah ]] || build=(bud)
  aws ecr get-login-password | "$tool" login --username AWS --password-stdin "${repository%%/*}"
  "$tool" "${build[@]}" -f docker/Dockerfile -t "$repository:$tag" .
  "$tool" push "$repository:$tag"
}

deploy_web() {
  local stage=/${endpoint##*/}
  NEXT_PUBLIC_API_URL=$stage util/build-web.sh --if-changed
  remember "$frontend" --arg name "$name" --arg region "$region" --arg api_endpoint "$endpoint" \
    --arg recordings_origin "$(deployed backend recordings_origin)"
  apply "$frontend"
  util/upload-web.sh
}

[[ -z $cost_only ]] || {
  tell_cost
  exit
}
need terraform aws jq git openssl
[[ $skip_web ]] || need node npm
[[ $region ]] || region=$(remembered $backend region)
[[ $name ]] || name=$(remembered $backend name)
region=${region:-us-east-1} name=${name:-aircheck} tag=${tag:-$(default_tag)} architecture=$(machine)
export AWS_REGION=$region AWS_DEFAULT_REGION=$region AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text) || die "no AWS credentials; see aws configure"
say "aircheck as '$name' into account $account, $region, for $architecture, image $tag"
tell_cost
[[ $yes ]] || confirm "Go on?"

step "Lambdas"
tools/build-lambdas
step "backend"
origin=$(deployed frontend dashboard_url)
apply_backend "$origin"
endpoint=$(deployed backend api_endpoint) repository=$(deployed backend repository_url)
step "API token"
set_token
step "image"
if [[ $skip_image ]]; then say "skipped; $repository:$tag must be there before a stream can be recorded"; else push_image; fi
step "dashboard"
if [[ $skip_web ]]; then
  say "skipped"
else
  deploy_web
  url=$(deployed frontend dashboard_url)
  # Pages that call the API at its own address need its leave; the first time the address is only known now.
  [[ $url == "$origin" ]] || apply_backend "$url"
fi

step "done"
say "API:       $endpoint"
[[ $skip_web ]] || say "dashboard: $(deployed frontend dashboard_url)"
say "token:     aws ssm get-parameter --region $region --name $(deployed backend token_parameter) --with-decryption --query Parameter.Value --output text"
