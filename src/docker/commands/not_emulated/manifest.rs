//! `docker manifest …`: in the help, not emulated.

use super::run;
use crate::cli::{Args, Spec};

/// The commands, sorted by path.
pub static SPECS: [Spec; 4] = [
    Spec {
        paths: &["manifest annotate"],
        usage: "[OPTIONS] MANIFEST_LIST MANIFEST",
        short: "Add additional information to a local image manifest",
        long: r"Add additional information to a local image manifest

EXPERIMENTAL:
  docker manifest annotate is an experimental feature.
  Experimental features provide early access to product functionality. These
  features may change between releases without warning, or can be removed from a
  future release. Learn more about experimental features in our documentation:
  https://docs.docker.com/go/experimental/",
        flags: &[r"
|arch|string|Set architecture
|os|string|Set operating system
|os-features|strings|Set operating system feature
|os-version|string|Set operating system version
|variant|string|Set architecture variant
"],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["manifest create"],
        usage: "MANIFEST_LIST MANIFEST [MANIFEST...]",
        short: "Create a local manifest list for annotating and pushing to a registry",
        long: r"Create a local manifest list for annotating and pushing to a registry

EXPERIMENTAL:
  docker manifest create is an experimental feature.
  Experimental features provide early access to product functionality. These
  features may change between releases without warning, or can be removed from a
  future release. Learn more about experimental features in our documentation:
  https://docs.docker.com/go/experimental/",
        flags: &[r"
a|amend||Amend an existing manifest list
|insecure||Allow communication with an insecure registry
"],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["manifest push"],
        usage: "[OPTIONS] MANIFEST_LIST",
        short: "Push a manifest list to a repository",
        long: r"Push a manifest list to a repository

EXPERIMENTAL:
  docker manifest push is an experimental feature.
  Experimental features provide early access to product functionality. These
  features may change between releases without warning, or can be removed from a
  future release. Learn more about experimental features in our documentation:
  https://docs.docker.com/go/experimental/",
        flags: &[r"
|insecure||Allow push to an insecure registry
p|purge||Remove the local manifest list after push
"],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["manifest rm"],
        usage: "MANIFEST_LIST [MANIFEST_LIST...]",
        short: "Delete one or more manifest lists from local storage",
        long: r"Delete one or more manifest lists from local storage

EXPERIMENTAL:
  docker manifest rm is an experimental feature.
  Experimental features provide early access to product functionality. These
  features may change between releases without warning, or can be removed from a
  future release. Learn more about experimental features in our documentation:
  https://docs.docker.com/go/experimental/",
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
];
