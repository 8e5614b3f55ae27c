//! The word to stop: Ctrl-C or SIGTERM.

use crate::exit::Code;

/// Returns when this process is told to stop.
pub async fn stopped() {
    stopped_by().await;
}

/// [`stopped`], and the exit code that says by what.
pub async fn stopped_by() -> Code {
    #[cfg(unix)]
    {
        let mut terminated = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(signal) => signal,
            // without a handler, the signal ends the process by itself
            Err(_) => return std::future::pending().await,
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => Code::Interrupted,
            _ = terminated.recv() => Code::Terminated,
        }
    }
    #[cfg(not(unix))]
    {
        let _ = tokio::signal::ctrl_c().await;
        Code::Interrupted
    }
}
