//! Where log lines go.

/// One JSON object a line on standard output; `RUST_LOG` chooses what.
pub fn json_to_stdout() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    let _ = tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter).try_init();
}
