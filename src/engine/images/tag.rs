//! Naming images.

use std::rc::Rc;

use docker_api::reference::Reference;

use crate::daemon::Daemon;
use crate::disk;
use crate::error::{ApiError, ApiResult};

/// Gives an image a name. Who asks writes it down.
pub fn give(d: &Daemon, id: &str, reference: &Reference) {
    let now = d.now_text();
    d.images.borrow_mut().tag(id, reference, &now);
    d.image_event("tag", id, &reference.familiar());
}

/// `POST /images/{name}/tag`
pub fn tag(d: &Rc<Daemon>, name: &str, repo: &str, tag: &str) -> ApiResult<()> {
    let id = d.images.borrow().find(name)?.id.clone();
    let text = if tag.is_empty() { repo.to_string() } else { format!("{repo}:{tag}") };
    let reference = Reference::parse(&text).map_err(ApiError::bad)?.or_latest();
    if reference.digest.is_some() {
        return Err(ApiError::bad("refusing to create a tag with a digest reference"));
    }
    give(d, &id, &reference);
    disk::images::save(d);
    Ok(())
}

/// Gives an image all the names that were asked for. Who asks writes them down.
pub fn tag_all(d: &Daemon, id: &str, tags: &[String]) -> ApiResult<()> {
    for tag in tags {
        let reference = Reference::parse(tag).map_err(ApiError::bad)?.or_latest();
        give(d, id, &reference);
    }
    Ok(())
}
