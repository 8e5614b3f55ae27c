//! Executes Nada edge plans on Cloudflare Workers.
