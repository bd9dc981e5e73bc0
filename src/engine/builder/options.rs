//! What a build is asked for.

use std::collections::BTreeMap;

/// What a build is asked for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Names of the result, as they were given.
    pub tags: Vec<String>,
    /// `--build-arg`
    pub arguments: BTreeMap<String, String>,
    /// `--label`
    pub labels: BTreeMap<String, String>,
    /// `--target`
    pub target: String,
    /// The Dockerfile's name in the context.
    pub dockerfile: String,
    /// Nothing from the cache.
    pub no_cache: bool,
    /// Base images are fetched again.
    pub pull: bool,
    /// What tells this context from others: the client's name for it.
    pub shared_key: String,
    /// `--network` of all `RUN`s: empty, `default`, `none` or `host`.
    pub network: String,
    /// `--secret`s by their ids.
    pub secrets: BTreeMap<String, String>,
    /// What the result becomes: empty for an image, `local` or `tar` for files that go to the client.
    pub output: String,
    /// `--cache-from`: images whose layers are to be used.
    pub cache_from: Vec<String>,
    /// Only the checks.
    pub check: bool,
    /// `--rm=false`: containers of steps stay.
    pub keep: bool,
}
