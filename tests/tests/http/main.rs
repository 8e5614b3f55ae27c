//! What a client sees of the edge, asserted on both hosts: the native server, and the wasm worker in workerd. One
//! host of each kind answers all cases, one after the other, so that what the origin saw can be counted.

// clippy.toml spares functions marked as tests alone
#![allow(clippy::unwrap_used, clippy::panic)]

mod attacks;
mod caches;
mod clocked;
mod cold;
mod collapse;
mod compression;
mod conditionals;
mod configuration;
mod connections;
mod delivery;
mod faults;
mod first_byte;
mod http2;
mod leaks;
mod license_server;
mod licenses;
mod lyrics;
mod media;
mod mutations;
mod pictures;
mod playlists;
mod program;
mod protocol;
mod ranges;
mod redbot;
mod rights;
mod schemas;
mod streams;
mod takedown;
mod tokens;
mod track_files;
mod web;
mod wire;
mod world;

use std::{future::Future, panic::AssertUnwindSafe, pin::Pin};

use futures_util::FutureExt as _;
use nada_tests::host::Fill;
use world::{HostKind, World};

type Case = for<'w> fn(&'w World) -> Pin<Box<dyn Future<Output = anyhow::Result<()>> + 'w>>;

macro_rules! cases {
    ($($module:ident: $($name:ident)+;)+) => {
        [$($((concat!(stringify!($module), "::", stringify!($name)), (|w| Box::pin($module::$name(w))) as Case)),+),+]
    };
}

const CASES: &[(&str, Case)] = &cases! {
    playlists: multivariant lossless media_playlist track_json;
    media: init_and_segments head what_the_manifest_does_not_list one_object_is_read_once;
    track_files: whole start ranges_over_parts threat_51_resumed older_versions heads_and_conditions
        threat_38_parts_are_no_files ceiling;
    ranges: single without_effect in_text threat_50_odd_ranges threat_52_head_post_and_304;
    conditionals: if_none_match threat_51_if_range without_reading_the_object threat_53_odd_conditions;
    lyrics: aliases immutable_files what_is_not_there compression;
    pictures: artwork clips share_json;
    rights: territories windows withdrawn rights_before_existence;
    tokens: missing every_channel threat_20_two_of_them threats_4_to_9_and_24_forged threats_13_and_14_expired
        threats_15_to_19_scope ceiling capped threat_40_bad_tokens_cost_the_origin_nothing threat_18_revoked;
    attacks: threats_1_to_13_published_vectors threat_5_key_rotation threat_16_hosts threat_21_parameters threat_22_spellings
        threat_23_bytes_move_between_claims threats_26_and_27_leaks threat_28_segments_end_with_their_token
        threat_33_letter_case threat_18_a_spoofed_address
        threat_18_an_address_that_is_not_understood;
    protocol: preflight threat_17_methods health_and_version every_answer_s_headers threats_29_to_37_paths
        threats_29_and_31_dot_segments threats_17_and_38_override_headers threats_39_and_47_queries;
    faults: origin_down absent_object absent_track cut_short not_understood fault_5_no_length fault_6_another_sum;
    web: threat_59_origins threat_60_script_in_texts threat_61_no_sniffing threat_62_errors_tell_nothing;
    mutations: threats_4_to_13_mutated_tokens mutated_requests;
    takedown: effective_within_its_bound;
    cold: one_round_of_reads;
};

/// Cases on hosts that have a cache, the worker the platform's: attacks may neither fill nor pass it.
const CACHED: &[(&str, Case)] = &cases! {
    attacks: threats_1_to_13_published_vectors threat_5_key_rotation threat_16_hosts threat_21_parameters threat_22_spellings
        threat_23_bytes_move_between_claims threats_26_and_27_leaks threat_28_segments_end_with_their_token
        threat_33_letter_case threat_18_a_spoofed_address
        threat_18_an_address_that_is_not_understood;
    tokens: missing threat_20_two_of_them threats_4_to_9_and_24_forged threats_13_and_14_expired threats_15_to_19_scope
        threat_40_bad_tokens_cost_the_origin_nothing;
    protocol: threat_17_methods threats_29_to_37_paths threats_29_and_31_dot_segments;
    caches: threat_37_deception threat_38_unkeyed_headers threat_39_one_key_for_one_object
        threat_40_a_hit_is_judged_like_a_miss threat_41_errors_are_not_kept threats_42_and_43_parts_and_halves
        threat_44_codings threat_45_no_purge threat_47_a_flood_of_queries threat_48_amplification
        fault_2_an_error_under_status_200;
    track_files: whole start ranges_over_parts threat_51_resumed older_versions heads_and_conditions;
    ranges: single without_effect in_text threat_50_odd_ranges threat_52_head_post_and_304;
    conditionals: if_none_match threat_51_if_range threat_53_odd_conditions;
    web: threat_59_origins threat_60_script_in_texts threat_61_no_sniffing threat_62_errors_tell_nothing;
    pictures: artwork clips share_json;
    rights: territories windows withdrawn;
};

/// Cases before a platform's cache that is filled with aligned pieces (Origin Range Requests).
const PIECES: &[(&str, Case)] = &cases! {
    media: init_and_segments head what_the_manifest_does_not_list;
    track_files: whole start ranges_over_parts threat_51_resumed older_versions heads_and_conditions;
    caches: threat_37_deception threat_40_a_hit_is_judged_like_a_miss threat_41_errors_are_not_kept
        threats_42_and_43_parts_and_halves threat_45_no_purge;
    ranges: single without_effect in_text threat_50_odd_ranges threat_52_head_post_and_304;
    conditionals: if_none_match threat_51_if_range threat_53_odd_conditions;
    rights: territories windows withdrawn;
};

/// Runs the cases one after the other: all of them, or those whose name contains `NADA_CASE`.
async fn all(world: World, cases: &[(&str, Case)]) -> anyhow::Result<()> {
    let kind = world.kind;
    let wanted = std::env::var("NADA_CASE").unwrap_or_default();
    let is_wanted = |(name, _): &&(&str, Case)| name.contains(&wanted);
    anyhow::ensure!(CASES.iter().chain(CACHED).any(|case| is_wanted(&case)), "no case is called {wanted}");
    let mut failed = Vec::new();
    for (name, case) in cases.iter().filter(is_wanted) {
        // before it starts: a case that hangs is known by name
        println!("{kind:?}: {name}");
        world.reset_counters().await?;
        match AssertUnwindSafe(case(&world)).catch_unwind().await {
            Ok(Ok(())) => println!("ok      {name}"),
            Ok(Err(error)) => {
                println!("FAILED  {name}: {error:#}");
                failed.push(*name);
            }
            Err(_) => {
                println!("FAILED  {name}: an assertion, see above");
                failed.push(*name);
            }
        }
    }
    assert!(failed.is_empty(), "{} of {} cases failed on {kind:?}: {failed:?}", failed.len(), cases.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn native() -> anyhow::Result<()> {
    all(World::start(HostKind::Native).await?, CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn worker() -> anyhow::Result<()> {
    all(World::start(HostKind::Worker).await?, CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_before_r2() -> anyhow::Result<()> {
    all(World::r2(None).await?, CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_before_r2_cached() -> anyhow::Result<()> {
    all(World::r2(Some(Fill::Whole)).await?, CACHED).await
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_before_r2_cached_in_pieces() -> anyhow::Result<()> {
    all(World::r2(Some(Fill::Pieces)).await?, PIECES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn native_cached() -> anyhow::Result<()> {
    all(World::cached(HostKind::Native).await?, CACHED).await
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_cached() -> anyhow::Result<()> {
    all(World::cached(HostKind::Worker).await?, CACHED).await
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_cached_in_pieces() -> anyhow::Result<()> {
    all(World::before(HostKind::Worker, Fill::Pieces).await?, PIECES).await
}
