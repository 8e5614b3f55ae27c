//! Progress bars, for people: on standard error, and only where that is a terminal.

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use nada_quote::Visible;

use crate::terminal::print_notice;

/// The bars of one command.
#[derive(Clone)]
pub struct Bars(MultiProgress);

impl Bars {
    /// Bars on standard error; none are drawn where it is no terminal.
    pub fn stderr() -> Self {
        Self(MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10)))
    }

    /// No bars at all.
    pub fn hidden() -> Self {
        Self(MultiProgress::with_draw_target(ProgressDrawTarget::hidden()))
    }

    /// A line for people, above the bars.
    pub fn note(&self, line: &str) {
        self.0.suspend(|| print_notice!("{line}"));
    }

    /// The bar of everything: so many tracks.
    pub fn all(&self, name: &str, tracks: u64) -> Bar {
        let bar = self.0.add(ProgressBar::new(tracks));
        let style = ProgressStyle::with_template("{prefix:32!} {pos}/{len} tracks, {msg} ({elapsed})");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(Visible::new(name).to_string());
        Bar(bar)
    }

    /// The bar of one track.
    pub fn track(&self, name: &str) -> Bar {
        let bar = self.0.add(ProgressBar::new(0));
        let style = ProgressStyle::with_template("{prefix:32!} {bar:24} {percent:>3} % {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(Visible::new(name).to_string());
        Bar(bar)
    }
}

/// One bar.
#[derive(Clone)]
pub struct Bar(ProgressBar);

impl Bar {
    /// So many samples of the source are done; the total is not always known.
    pub fn samples(&self, done: u64, total: Option<u64>) {
        if let Some(total) = total {
            self.0.set_length(total);
        }
        self.0.set_position(done);
    }

    /// What is being done.
    pub fn say(&self, what: &str) {
        self.0.set_message(Visible::new(what).to_string());
    }

    /// One more is done.
    pub fn one_more(&self) {
        self.0.inc(1);
    }

    /// Takes the bar away.
    pub fn done(&self) {
        self.0.finish_and_clear();
    }
}
