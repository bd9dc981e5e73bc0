//! `docker rmi` and `docker image prune`. Source: the rules and error texts of moby's image deletion.

use std::rc::Rc;

use docker_api::filters::Filters;
use docker_api::reference::Reference;
use docker_api::types::{ImageDelete, ImagesPrune};

use crate::daemon::Daemon;
use crate::disk;
use crate::error::{ApiError, ApiResult};
use crate::files::tree;
use crate::model::image::short;
use crate::paths::OVERLAY;
use crate::time::point_in_time;

fn untagged(name: &str) -> ImageDelete {
    ImageDelete { untagged: name.into(), ..ImageDelete::default() }
}

fn deleted(id: &str) -> ImageDelete {
    ImageDelete { deleted: id.into(), ..ImageDelete::default() }
}

/// Removes what `name` means: a tag, or an image with all its tags.
pub fn remove(d: &Rc<Daemon>, name: &str, force: bool, keep_parents: bool) -> ApiResult<Vec<ImageDelete>> {
    let (id, by_id, tags, digests) = {
        let images = d.images.borrow();
        let id = images.find(name)?.id.clone();
        (id.clone(), images.is_id(name), images.tags_of(&id), images.digests_of(&id))
    };
    let mut report = Vec::new();
    if by_id {
        if !force && !single(&tags, &digests) {
            return Err(ApiError::conflict(format!(
                "conflict: unable to delete {} (must be forced) - image is referenced in multiple repositories",
                short(&id)
            )));
        }
        check_unused(d, &id, force)?;
        untag_all(d, &id, &mut report);
    } else {
        let reference = Reference::parse(name).map_err(ApiError::bad)?.or_latest();
        if !force
            && single(&tags, &digests)
            && let Some(user) = d.container_using(&id, false)
        {
            return Err(ApiError::conflict(format!(
                "conflict: unable to remove repository reference {} (must force) - container {} is using its referenced image {}",
                docker_api::text_quote(name),
                short(&user),
                short(&id)
            )));
        }
        untag(d, &id, &reference, &mut report);
        let images = d.images.borrow();
        if !images.tags_of(&id).is_empty() || !images.digests_of(&id).is_empty() {
            drop(images);
            disk::images::save(d);
            return Ok(report);
        }
        drop(images);
        if d.container_using(&id, false).is_some() || d.images.borrow().has_children(&id) {
            disk::images::save(d);
            return Ok(report);
        }
    }
    delete(d, &id, keep_parents, &mut report);
    disk::images::save(d);
    Ok(report)
}

/// One tag, perhaps with the digest it was pulled by.
fn single(tags: &[String], digests: &[String]) -> bool {
    match (tags, digests) {
        ([] | [_], []) | ([], [_]) => true,
        ([tag], [digest]) => tag.rsplit_once(':').map(|t| t.0) == digest.split_once('@').map(|d| d.0),
        _ => false,
    }
}

fn check_unused(d: &Rc<Daemon>, id: &str, force: bool) -> ApiResult<()> {
    let refuse = |how: &str, why: String| {
        Err(ApiError::conflict(format!("conflict: unable to delete {} ({how}) - {why}", short(id))))
    };
    if d.images.borrow().has_children(id) {
        return refuse("cannot be forced", "image has dependent child images".into());
    }
    if let Some(user) = d.container_using(id, true) {
        return refuse("cannot be forced", format!("image is being used by running container {}", short(&user)));
    }
    if !force && let Some(user) = d.container_using(id, false) {
        return refuse("must be forced", format!("image is being used by stopped container {}", short(&user)));
    }
    Ok(())
}

fn untag(d: &Rc<Daemon>, id: &str, reference: &Reference, report: &mut Vec<ImageDelete>) {
    let familiar = reference.familiar();
    let mut images = d.images.borrow_mut();
    images.tags.remove(&familiar);
    images.digests.remove(&familiar);
    report.push(untagged(&familiar));
    // A digest reference goes with the last tag of its repository.
    let name = reference.familiar_name();
    let others = images.tags.iter().any(|(t, i)| i == id && t.rsplit_once(':').is_some_and(|(n, _)| n == name));
    if !others {
        let gone: Vec<String> = images
            .digests
            .iter()
            .filter(|(k, i)| *i == id && k.starts_with(&format!("{name}@")))
            .map(|(k, _)| k.clone())
            .collect();
        for key in gone {
            images.digests.remove(&key);
            report.push(untagged(&key));
        }
    }
    drop(images);
    d.image_event("untag", id, id);
}

fn untag_all(d: &Rc<Daemon>, id: &str, report: &mut Vec<ImageDelete>) {
    let (tags, digests) = {
        let images = d.images.borrow();
        (images.tags_of(id), images.digests_of(id))
    };
    let mut images = d.images.borrow_mut();
    for name in tags {
        images.tags.remove(&name);
        report.push(untagged(&name));
    }
    for name in digests {
        images.digests.remove(&name);
        report.push(untagged(&name));
    }
    drop(images);
    d.image_event("untag", id, id);
}

/// Deletes an image that nothing names, its unnamed parents, and the layers that nobody uses then.
fn delete(d: &Rc<Daemon>, id: &str, keep_parents: bool, report: &mut Vec<ImageDelete>) {
    let Some(stored) = d.images.borrow_mut().images.remove(id) else { return };
    report.push(deleted(id));
    d.image_event("delete", id, id);
    drop_layers(d, &stored.image.chain_ids(), report);
    let parent = stored.parent;
    if !keep_parents && !parent.is_empty() {
        let free = d.images.borrow().images.contains_key(&parent) && d.images.borrow().is_dangling(&parent);
        if free && d.container_using(&parent, false).is_none() {
            delete(d, &parent, false, report);
        }
    }
}

/// Removes layers from the top down to the first that is still in use.
fn drop_layers(d: &Rc<Daemon>, chain: &[String], report: &mut Vec<ImageDelete>) {
    for id in chain.iter().rev() {
        if d.layer_in_use(id) {
            break;
        }
        let Some(layer) = d.images.borrow_mut().layers.remove(id) else { continue };
        tree::remove_tree(&d.sys, &format!("{}/{}", OVERLAY, layer.cache_id));
        let _ = d.sys.unlink(&format!("{}/l/{}", OVERLAY, layer.link));
        report.push(deleted(id));
    }
}

/// Removes layers that nothing needs any more, without a report (the builder's).
pub fn release_layers(d: &Rc<Daemon>, chain: &[String]) {
    drop_layers(d, chain, &mut Vec::new());
}

/// `POST /images/prune`
pub fn prune(d: &Rc<Daemon>, filters: &Filters) -> ApiResult<ImagesPrune> {
    let only_dangling = filters.boolean("dangling", true).map_err(ApiError::bad)?;
    let until = filters.get("until").first().map(|t| point_in_time(t, d.sys.wall_clock())).transpose()?;
    let before: u64 = d.images.borrow().layers.values().map(|l| l.size).sum();
    let ids: Vec<String> = d.images.borrow().images.keys().cloned().collect();
    let mut report = Vec::new();
    for id in ids {
        let (tags, digests, labels, created) = {
            let images = d.images.borrow();
            let Some(stored) = images.images.get(&id) else { continue };
            let labels = stored.image.config.labels.clone().unwrap_or_default();
            (images.tags_of(&id), images.digests_of(&id), labels, stored.image.created.clone())
        };
        let named = !tags.is_empty() || !digests.is_empty();
        let young = until.is_some_and(|u| docker_api::time::parse_nanos(&created).unwrap_or(0) >= u);
        if young || !filters.prunes(&labels) || (only_dangling && !tags.is_empty()) {
            continue;
        }
        let in_use = d.container_using(&id, false).is_some() || d.images.borrow().has_children(&id);
        if named {
            // Where a container uses the image, one name stays.
            let used_name = in_use.then(|| d.name_in_use(&id)).flatten();
            for tag in tags.iter().filter(|t| used_name.as_ref() != Some(t)) {
                if let Ok(reference) = Reference::parse(tag) {
                    untag(d, &id, &reference, &mut report);
                }
            }
        }
        if !in_use && d.images.borrow().is_dangling(&id) {
            delete(d, &id, false, &mut report);
        }
    }
    let after: u64 = d.images.borrow().layers.values().map(|l| l.size).sum();
    disk::images::save(d);
    d.prune_event("image", before - after);
    let images_deleted = (!report.is_empty()).then_some(report);
    Ok(ImagesPrune { images_deleted, space_reclaimed: before - after })
}
