//! Executes Nada edge plans on tokio and hyper.
