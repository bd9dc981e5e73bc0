//! Where images come from: the interface to a registry, and what it hands out.

use std::rc::Rc;

use docker_api::reference::Reference;
use docker_api::types::SearchResult;
use machine::fs::FileContent;

use crate::model::image::Image;

/// A registry that answers for `docker.io` (and whatever else it likes).
pub trait Registry {
    /// The image behind a reference with a tag or digest.
    fn resolve(&self, reference: &Reference) -> Result<RemoteImage, RegistryError>;
    /// The tags of a repository, sorted; none where it is not here.
    fn tags(&self, reference: &Reference) -> Vec<String>;

    /// `docker search`.
    fn search(&self, term: &str) -> Vec<SearchResult>;
}

/// Why there is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RegistryError {
    /// There is no such repository, or it is private.
    Denied,
    /// The repository has no such tag or digest.
    NoManifest,
    /// It exists in reality, but not here.
    NotEmulated,
}

/// A manifest with its configuration.
#[derive(Clone)]
pub struct RemoteImage {
    /// The configuration: its digest is the image's id. `layers` of it is filled by the puller.
    pub config: Image,
    /// The layers, the lowest first.
    pub layers: Vec<RemoteLayer>,
}

/// A layer in a registry.
#[derive(Clone)]
pub struct RemoteLayer {
    /// Bytes that travel.
    pub compressed: u64,
    /// Bytes that it takes on disk.
    pub size: u64,
    /// Makes what is in it, parents before their children.
    pub files: Rc<dyn Fn() -> Vec<LayerFile>>,
}

/// A file in a layer.
#[derive(Clone, Debug)]
pub struct LayerFile {
    /// Path without a leading slash: `etc/passwd`.
    pub path: String,
    /// What it is.
    pub kind: LayerKind,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

/// What a file of a layer is.
#[derive(Clone, Debug)]
pub enum LayerKind {
    /// A directory.
    Directory,
    /// A regular file.
    File(FileContent),
    /// A symbolic link to this path.
    Symlink(String),
}
