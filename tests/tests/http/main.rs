//! What a client sees of the edge, asserted on both hosts: the native server, and the wasm worker in workerd. One
//! host of each kind answers all cases, one after the other, so that what the origin saw can be counted.

// clippy.toml spares functions marked as tests alone
#![allow(clippy::unwrap_used, clippy::panic)]

mod attacks;
mod cold;
mod conditionals;
mod configuration;
mod delivery;
mod faults;
mod lyrics;
mod media;
mod playlists;
mod protocol;
mod ranges;
mod rights;
mod schemas;
mod takedown;
mod tokens;
mod world;

use std::{future::Future, panic::AssertUnwindSafe, pin::Pin};

use futures_util::FutureExt as _;
use world::{Kind, World};

type Case = for<'w> fn(&'w World) -> Pin<Box<dyn Future<Output = anyhow::Result<()>> + 'w>>;

macro_rules! cases {
    ($($module:ident: $($name:ident)+;)+) => {
        [$($((concat!(stringify!($module), "::", stringify!($name)), (|w| Box::pin($module::$name(w))) as Case)),+),+]
    };
}

const CASES: &[(&str, Case)] = &cases! {
    playlists: multivariant lossless media_playlist track_json;
    media: init_and_segments head what_the_manifest_does_not_list one_object_is_read_once;
    ranges: single without_effect in_text;
    conditionals: if_none_match if_range without_reading_the_object;
    lyrics: aliases immutable_files what_is_not_there compression;
    rights: territories windows withdrawn rights_before_existence;
    tokens: missing every_channel threat_20_two_of_them threats_4_to_9_and_24_forged threats_13_and_14_expired
        threats_15_to_19_scope ceiling threat_40_bad_tokens_cost_the_origin_nothing threat_18_revoked;
    attacks: threats_1_to_13_published_vectors threat_5_key_rotation threat_16_hosts threat_21_parameters threat_22_spellings
        threat_23_bytes_move_between_claims threats_26_and_27_leaks threat_28_segments_end_with_their_token
        threat_33_letter_case;
    protocol: preflight threat_17_methods health_and_version every_answer_s_headers threats_29_to_37_paths
        threats_29_and_31_dot_segments threats_17_and_38_override_headers threats_39_and_47_queries;
    faults: origin_down absent_object absent_track cut_short not_understood;
    takedown: effective_within_its_bound;
    cold: one_round_of_reads;
};

async fn all(kind: Kind) -> anyhow::Result<()> {
    let world = World::start(kind).await?;
    let mut failed = Vec::new();
    for (name, case) in CASES {
        world.origin.take_seen();
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
    assert!(failed.is_empty(), "{} of {} cases failed on {kind:?}: {failed:?}", failed.len(), CASES.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn native() -> anyhow::Result<()> {
    all(Kind::Native).await
}

#[tokio::test(flavor = "multi_thread")]
async fn worker() -> anyhow::Result<()> {
    all(Kind::Worker).await
}
