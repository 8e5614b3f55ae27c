//! The log of requests: one event each, under the target `nada::access`, whose fields are the line's.

use nada_edge::LogLine;

/// Logs one request. A field that is not there is no field.
pub fn log(line: &LogLine) {
    tracing::info!(
        target: "nada::access",
        id = line.id,
        method = line.method,
        track = line.track,
        route = line.route,
        rendition = line.rendition,
        segment = line.segment,
        status = line.status,
        code = line.code,
        reason = line.reason,
        country = line.country,
        origin = line.origin,
        asked = line.asked,
        cache = line.cache,
        ms = line.ms,
        origin_ms = line.origin_ms,
        buffer_ms = line.buffer_ms,
        throughput_kbps = line.throughput_kbps,
        starved = line.starved,
        startup = line.startup,
    );
}
