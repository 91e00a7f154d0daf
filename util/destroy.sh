#!/usr/bin/env bash
# Takes away what util/deploy.sh made: the dashboard first, then the backend. Recordings are only taken when that is said.
#
#   util/destroy.sh --keep-recordings [--yes]      the bucket stays in the account, and Terraform forgets it
#   util/destroy.sh --delete-recordings [--yes]    everything goes, recordings and jobs too
#   util/destroy.sh --help
#
# Streams that are being recorded are stopped first: a recorder that is told to end commits what it has.
#
# Examples:
#   util/destroy.sh --keep-recordings
#   AWS_PROFILE=recordings util/destroy.sh --delete-recordings --yes
set -euo pipefail
# shellcheck source=util/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

yes='' recordings=''
for argument in "$@"; do
  case $argument in
    --yes) yes=1 ;;
    --keep-recordings | --delete-recordings) recordings=${argument#--} ;;
    -h | --help)
      usage
      exit
      ;;
    *) misuse "unknown argument '$argument'" ;;
  esac
done
[[ $recordings ]] || misuse "say what becomes of the recordings: --keep-recordings or --delete-recordings"
need terraform aws jq

readonly backend=terraform/backend frontend=terraform/frontend
bucket=$(deployed backend recordings_bucket) cluster=$(deployed backend cluster_name)
region=$(deployed backend region)
export AWS_REGION=${region:-us-east-1} AWS_DEFAULT_REGION=${region:-us-east-1} AWS_PAGER=''

stop_recorders() {
  local task
  [[ $cluster ]] || return 0
  # Nothing may start another one.
  aws lambda put-function-concurrency --function-name "$cluster-sqs_handler" --reserved-concurrent-executions 0 >/dev/null
  for task in $(aws ecs list-tasks --cluster "$cluster" --query 'taskArns[]' --output text); do
    [[ $task != None ]] || continue
    aws ecs stop-task --cluster "$cluster" --task "$task" --reason 'aircheck is being destroyed' >/dev/null
    say "stopping ${task##*/}"
    aws ecs wait tasks-stopped --cluster "$cluster" --tasks "$task"
  done
}

# Terraform forgets the bucket and its settings; it stays as it is, private and encrypted.
forget_bucket() {
  local resource
  for resource in $(terraform -chdir=$backend state list | grep '^aws_s3_bucket.*\.recordings$'); do
    terraform -chdir=$backend state rm "$resource" >/dev/null
  done
}

say "This destroys '${cluster:-the installation}' in ${region:-its region}: dashboard, API, table of jobs, images."
if [[ $recordings == delete-recordings ]]; then say "The recordings in ${bucket:-its bucket} are DELETED, too."; else say "The recordings in ${bucket:-its bucket} stay."; fi
[[ $yes ]] || confirm "Go on?"

[[ ! -d $frontend/.terraform ]] || terraform -chdir=$frontend destroy -input=false -auto-approve
# Protection has to be taken off before what it protects can go.
terraform -chdir=$backend apply -input=false -auto-approve -var deletion_protection=false
stop_recorders
[[ $recordings == delete-recordings ]] || forget_bucket
terraform -chdir=$backend destroy -input=false -auto-approve -var deletion_protection=false
rm -f $backend/deploy.auto.tfvars.json $frontend/deploy.auto.tfvars.json
say "gone"
[[ $recordings == delete-recordings ]] || say "the recordings: s3://$bucket (taken back with: terraform -chdir=$backend import -var name=$cluster -var region=$region aws_s3_bucket.recordings $bucket)"
