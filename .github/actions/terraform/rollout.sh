# A new version of the worker answers a few requests first, and all of them only if the canary stays well; sourced by `run`,
# which has `live`, `values`, `work` and `annotate`.

plan() {
  local file=$1
  shift
  live plan -input=false -lock-timeout=5m "${values[@]}" "$@" -out="$file"
}

# Plans and applies with a share of requests for the new version: percentage, id of the version before.
share() {
  plan "$work/share" -var="rollout={percentage=$1,previous=\"$2\"}"
  live apply -input=false -lock-timeout=5m "$work/share"
}

# The version in charge now, if the plan makes another and a rollout is asked for.
replaced_version() {
  [ "${ROLLOUT:-100}" -lt 100 ] || return 1
  jq -er '.output_changes.worker_version | select(.before != null and .actions != ["no-op"]) | .before' "$1"
}

# The names of the canary's alarms, in some state or in all.
canary() {
  local name regions region
  name=$(live output -raw name) && regions=$(live output -json canary_regions | jq -r '.[]') || return
  for region in $regions; do
    aws cloudwatch describe-alarms --region "$region" --alarm-name-prefix "$name-canary-" ${1:+--state-value "$1"} \
      --query 'MetricAlarms[].AlarmName' --output text || return
  done
}

roll_out() {
  local previous=$1 minute ill
  if [ -z "$(canary)" ]; then
    annotate warning "$ENVIRONMENT" "no canary has an alarm here, so nobody would say that the new version is ill: it answers all requests at once"
    live apply -input=false -lock-timeout=5m "$work/plan"
    return
  fi
  share "$ROLLOUT" "$previous"
  for ((minute = 0; minute < ${WATCH_MINUTES:-10}; minute++)); do
    sleep "${WATCH_SECONDS:-60}"
    ill=$(canary ALARM) || ill='its alarms cannot be read'
    if [ -n "$ill" ]; then
      annotate error "$ENVIRONMENT" "the canary is ill (${ill//[[:space:]]/ }): version $previous answers all requests again; revert the commit"
      share 0 "$previous"
      return 1
    fi
  done
  plan "$work/share"
  live apply -input=false -lock-timeout=5m "$work/share"
}
