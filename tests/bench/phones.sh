# Phones before an edge, on one machine: a namespace with the edge (`nada demo` behind nginx, TLS 1.3 and HTTP/2, as a CDN
# stands before it), a namespace for each phone, and links between them (startup/link.c). Sourced by benches after song.sh, with $root
# naming the repository, $work a folder, and $keep not empty where it is to stay. Needs root, Linux network namespaces, TUN,
# nginx, ffmpeg, openssl, a C compiler and `nada`.

edge=nada-edge-$$
phones=()

cleanup() {
  local pid namespace
  for pid in "$work"/*.pid; do [ -f "$pid" ] && kill "$(cat "$pid")" 2>/dev/null; rm -f "$pid"; done
  for namespace in "$edge" "${phones[@]}"; do ip netns del "$namespace" 2>/dev/null; done
  [ -n "${keep:-}" ] || rm -rf "$work"
}
trap cleanup EXIT

# A chain of three, so that a handshake has about the bytes of a real one.
certificate() (
  cd "$work"
  [ ! -f chain.pem ] || return 0
  for name in root middle leaf; do openssl ecparam -name prime256v1 -genkey -noout -out $name.key 2>/dev/null; done
  openssl req -x509 -new -key root.key -subj /CN=Root -days 30 -out root.pem
  signed() {
    openssl req -new -key "$1.key" -subj "/CN=$3" -out "$1.csr"
    openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 30 -extfile <(echo "$4") \
      -out "$1.pem" 2>/dev/null
  }
  signed middle root Intermediate basicConstraints=critical,CA:true
  signed leaf middle edge.test subjectAltName=DNS:edge.test
  cat leaf.pem middle.pem >chain.pem
  openssl pkey -in leaf.key -pubout -outform der | openssl dgst -sha256 -binary | base64 >fingerprint
)

# So many phones: the k-th, ${phones[k]}, sees the edge as 10.77.k.1, over a device that is wire here and wire$k there.
network() {
  local k
  ip netns add "$edge"
  ip -n "$edge" link set lo up
  for ((k = 0; k < $1; k++)); do
    phones+=("nada-phone-$$-$k")
    ip netns add "${phones[k]}"
    ip -n "${phones[k]}" link set lo up
    wire "${phones[k]}" wire "10.77.$k.2" "10.77.$k.0/24"
    wire "$edge" "wire$k" "10.77.$k.1" "10.77.$k.0/24"
  done
}

wire() {
  local namespace=$1 device=$2 address=$3 net=$4
  ip -n "$namespace" tuntap add dev "$device" mode tun
  ip -n "$namespace" link set "$device" up mtu 1500 txqueuelen 1000
  ip -n "$namespace" addr add "$address/24" dev "$device"
  ip -n "$namespace" route replace "$net" dev "$device" src "$address" congctl cubic
  # a connection must not learn from those before it
  ip netns exec "$namespace" sysctl -qw net.ipv4.tcp_no_metrics_save=1
}

serve() {
  mkdir -p "$work/www" "$work/tmp"
  # records of 1369 bytes, with which large CDNs begin a connection: a packet is decoded as it comes
  cat >"$work/nginx.conf" <<CONF
worker_processes 1; pid $work/nginx.pid; error_log $work/nginx.log;
events { worker_connections 1024; }
http {
  log_format asked '\$remote_addr \$msec \$status \$request_completion \$uri';
  access_log $work/asked.log asked;
  client_body_temp_path $work/tmp; proxy_temp_path $work/tmp; fastcgi_temp_path $work/tmp;
  uwsgi_temp_path $work/tmp; scgi_temp_path $work/tmp;
  types { audio/mpeg mp3; }
  tcp_nodelay on; sendfile off; proxy_buffering off;
  upstream nada { server 127.0.0.1:8787; keepalive 16; }
  server {
    listen 443 ssl http2; server_name edge.test;
    ssl_certificate $work/chain.pem; ssl_certificate_key $work/leaf.key; ssl_protocols TLSv1.3; ssl_buffer_size 1369;
    location / { proxy_pass http://nada; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host 127.0.0.1:8787; }
    location /peer/ { alias $work/www/; add_header Access-Control-Allow-Origin *; }
  }
}
CONF
  ip netns exec "$edge" nginx -c "$work/nginx.conf" 2>/dev/null
  rm -f "$work/ready.json"
  ip netns exec "$edge" "$nada" demo --dir "$work/demo" --port 8787 --json >"$work/ready.json" 2>"$work/nada.log" &
  echo $! >"$work/nada.pid"
  until [ -s "$work/ready.json" ]; do
    kill -0 "$(cat "$work/nada.pid")" || { cat "$work/nada.log" >&2; exit 1; }
    sleep 0.2
  done
  local path
  path=$(head -n 1 "$work/ready.json" | jq -r '.songs[].player | select(contains("/t/STARTUP0001/"))')
  path=${path#*#}
  ip netns exec "$edge" curl --silent --fail "http://127.0.0.1:8787${path%/*}/track.json" >"$work/track.json"
}

cc -O2 -o "$work/link" "$root/tests/bench/startup/link.c"
node "$root/edge/player/build.mjs" --no-types
certificate
