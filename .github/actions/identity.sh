# The workflow's own identity towards AWS, without a stored key; sourced by the actions beside it.

# A workflow command's text is one line: %, CR and LF are escaped.
annotate() {
  local text=$3
  text=${text//'%'/%25}
  text=${text//$'\r'/%0D}
  echo "::$1 title=$2::${text//$'\n'/%0A}"
}

# Runs a command whose output may hold what others wrote: a runner obeys none of its lines. Its standard error comes with
# its standard output, since a runner reads the two apart.
unheeded() {
  local token status=0
  token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  echo "::stop-commands::$token"
  "$@" 2>&1 || status=$?
  printf '\n::%s::\n' "$token"
  return "$status"
}

# Text within a line of Markdown, which nothing in it can end or lead elsewhere.
plain() {
  printf '%s' "$1" | LC_ALL=C tr '\001-\037\177' ' ' |
    LC_ALL=C sed -e 's/[][\\`*_()|~>@:]/\\&/g' -e 's/&/\&amp;/g' -e 's/</\&lt;/g'
}

# Assumes a role by the job's OIDC token, laid in a file where AWS SDKs look for it: role, folder for the file. The
# token lives five minutes and the role's credentials an hour, so it is written anew until `forget_identity`.
assume() {
  local role=$1 folder=$2
  if [ -z "${ACTIONS_ID_TOKEN_REQUEST_URL:-}" ] || [ -z "${ACTIONS_ID_TOKEN_REQUEST_TOKEN:-}" ]; then
    annotate error identity "the job cannot ask for an OIDC token; it needs 'permissions: id-token: write', and a fork's pull request has none"
    return 1
  fi
  export AWS_ROLE_ARN=$role AWS_WEB_IDENTITY_TOKEN_FILE=$folder/identity
  export AWS_ROLE_SESSION_NAME="nada-${GITHUB_RUN_ID:-0}-${GITHUB_RUN_ATTEMPT:-0}"
  # what a runner may bring would go before the role in the SDKs' chain
  unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE
  renew_identity || return
  while sleep 240; do renew_identity || true; done >/dev/null &
  renewal=$!
}

renew_identity() {
  # the bearer goes through standard input: arguments can be read by every process
  printf 'header = "authorization: bearer %s"\n' "$ACTIONS_ID_TOKEN_REQUEST_TOKEN" |
    curl --silent --show-error --fail --retry 3 --config - \
      "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=sts.amazonaws.com" |
    jq --exit-status --raw-output --join-output .value >"$AWS_WEB_IDENTITY_TOKEN_FILE.new" &&
    mv "$AWS_WEB_IDENTITY_TOKEN_FILE.new" "$AWS_WEB_IDENTITY_TOKEN_FILE"
}

forget_identity() {
  [ -z "${renewal:-}" ] || pkill -P "$renewal" 2>/dev/null || true
  [ -z "${renewal:-}" ] || kill "$renewal" 2>/dev/null || true
}
