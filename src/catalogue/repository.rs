//! What a repository of the registry is.

use engine::registry::RemoteImage;

/// Makes an image.
pub type Make = fn() -> RemoteImage;

/// A repository.
pub struct Repository {
    /// Its name below `library/`.
    pub name: &'static str,
    /// What `docker search` says of it.
    pub description: &'static str,
    /// Its stars.
    pub stars: i64,
    /// Tags, and the image that each means.
    pub tags: &'static [(&'static str, Make)],
}
