//! What the API tells about images: list, inspect, history.

use std::rc::Rc;

use docker_api::filters::Filters;
use docker_api::time::{parse_nanos, parse_rfc3339};
use docker_api::types::{GraphDriver, HistoryItem, ImageInspect, ImageMetadata, ImageSummary, Map, RootFs};

use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::model::image::{Images, Stored};
use crate::paths::OVERLAY;
use crate::time::point_in_time;

fn seconds(time: &str) -> i64 {
    parse_rfc3339(time).map_or(0, |(s, _)| s)
}

fn matches_reference(images: &Images, id: &str, patterns: &[String]) -> bool {
    let fits = |tag: &String, pattern: &String| {
        let (name, version) = tag.rsplit_once(':').unwrap_or((tag, ""));
        match pattern.rsplit_once(':') {
            Some((n, v)) if !v.contains('/') => crate::text::glob(n, name) && crate::text::glob(v, version),
            _ => crate::text::glob(pattern, name),
        }
    };
    patterns.is_empty() || images.tags_of(id).iter().any(|t| patterns.iter().any(|p| fits(t, p)))
}

/// `GET /images/json`
pub fn list(d: &Rc<Daemon>, all: bool, filters: &Filters) -> ApiResult<Vec<ImageSummary>> {
    let dangling =
        filters.has("dangling").then(|| filters.boolean("dangling", false)).transpose().map_err(ApiError::bad)?;
    let images = d.images.borrow();
    let bound = |key: &str| -> ApiResult<Option<i128>> {
        match filters.get(key).first() {
            Some(name) => Ok(Some(parse_nanos(&images.find(name)?.image.created).unwrap_or(0))),
            None => Ok(None),
        }
    };
    let (before, since) = (bound("before")?, bound("since")?);
    let until = filters.get("until").first().map(|t| point_in_time(t, d.sys.wall_clock())).transpose()?;
    let mut out = Vec::new();
    for stored in images.images.values() {
        let created = parse_nanos(&stored.image.created).unwrap_or(0);
        let is_dangling = images.is_dangling(&stored.id);
        let hidden = images.tags_of(&stored.id).is_empty() && images.has_children(&stored.id) && !all;
        let labels = stored.image.config.labels.clone().unwrap_or_default();
        let fits = !hidden
            && dangling.is_none_or(|want| want == is_dangling)
            && before.is_none_or(|b| created < b)
            && since.is_none_or(|s| created > s)
            && until.is_none_or(|u| created < u)
            && filters.labels("label", &labels)
            && matches_reference(&images, &stored.id, filters.get("reference"));
        if fits {
            out.push((created, summary(&images, stored)));
        }
    }
    // The real one sorts by whole seconds and leaves it to chance what comes first within one.
    out.sort_by(|(a_created, a), (b_created, b)| b_created.cmp(a_created).then_with(|| b.repo_tags.cmp(&a.repo_tags)));
    Ok(out.into_iter().map(|(_, summary)| summary).collect())
}

/// One entry of the list.
pub fn summary(images: &Images, stored: &Stored) -> ImageSummary {
    ImageSummary {
        containers: -1,
        created: seconds(&stored.image.created),
        id: stored.id.clone(),
        labels: stored.image.config.labels.clone(),
        parent_id: stored.parent.clone(),
        repo_digests: images.digests_of(&stored.id),
        repo_tags: images.tags_of(&stored.id),
        shared_size: -1,
        size: images.size(&stored.image) as i64,
    }
}

/// `GET /images/{name}/json`
pub fn inspect(d: &Rc<Daemon>, name: &str) -> ApiResult<ImageInspect> {
    let images = d.images.borrow();
    let stored = images.find(name)?;
    let image = &stored.image;
    let dirs: Vec<String> = image
        .chain_ids()
        .iter()
        .rev()
        .filter_map(|c| images.layers.get(c))
        .map(|l| format!("{OVERLAY}/{}", l.cache_id))
        .collect();
    let mut data = Map::new();
    if let Some((top, below)) = dirs.split_first() {
        if !below.is_empty() {
            let lower: Vec<String> = below.iter().map(|d| format!("{d}/diff")).collect();
            data.insert("LowerDir".into(), lower.join(":"));
        }
        for (key, dir) in [("MergedDir", "merged"), ("UpperDir", "diff"), ("WorkDir", "work")] {
            data.insert(key.into(), format!("{top}/{dir}"));
        }
    }
    Ok(ImageInspect {
        id: stored.id.clone(),
        repo_tags: images.tags_of(&stored.id),
        repo_digests: images.digests_of(&stored.id),
        parent: stored.parent.clone(),
        comment: image.history.last().map(|h| h.comment.clone()).unwrap_or_default(),
        created: image.created.clone(),
        docker_version: String::new(),
        author: image.author.clone(),
        architecture: image.architecture.clone(),
        os: image.os.clone(),
        size: images.size(image) as i64,
        graph_driver: GraphDriver { data, name: "overlay2".into() },
        root_fs: RootFs { kind: "layers".into(), layers: image.diff_ids.clone() },
        metadata: ImageMetadata { last_tag_time: stored.tagged.clone() },
        config: image.config.clone(),
    })
}

/// `GET /images/{name}/history`
pub fn history(d: &Rc<Daemon>, name: &str) -> ApiResult<Vec<HistoryItem>> {
    let images = d.images.borrow();
    let stored = images.find(name)?;
    let chain = stored.image.chain_ids();
    let mut layer = chain.iter();
    let mut items: Vec<HistoryItem> = Vec::new();
    for entry in &stored.image.history {
        let size =
            if entry.empty_layer { 0 } else { layer.next().and_then(|c| images.layers.get(c)).map_or(0, |l| l.size) };
        items.push(HistoryItem {
            comment: entry.comment.clone(),
            created: seconds(&entry.created),
            created_by: entry.created_by.clone(),
            id: "<missing>".into(),
            size: size as i64,
            tags: None,
        });
    }
    items.reverse();
    // The classic builder leaves an image behind each step.
    let mut at = Some(stored);
    for item in &mut items {
        let Some(image) = at else { break };
        item.id.clone_from(&image.id);
        let tags = images.tags_of(&image.id);
        item.tags = (!tags.is_empty()).then_some(tags);
        at = images.images.get(&image.parent);
    }
    Ok(items)
}
