//! The daemon's state and what all its parts need of each other.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use docker_api::types::{Map, Volume};
use machine::Sys;

use crate::error::{ApiError, ApiResult};
use crate::model::cache::BuildCache;
use crate::model::container::Container;
use crate::model::events::Events;
use crate::model::exec::Exec;
use crate::model::image::Images;
use crate::model::network::Networks;
use crate::registry::Registry;
use crate::time::nano_text;

/// The state of a daemon.
pub struct Daemon {
    /// Its process, as its threads use it.
    pub sys: Sys,
    /// Where images come from.
    pub registry: Rc<dyn Registry>,
    /// Images and layers.
    pub images: RefCell<Images>,
    /// Containers by id.
    pub containers: RefCell<BTreeMap<String, Rc<Container>>>,
    /// Further processes in containers, by id.
    pub execs: RefCell<BTreeMap<String, Rc<Exec>>>,
    /// Networks.
    pub networks: Networks,
    /// Volumes by name.
    pub volumes: RefCell<BTreeMap<String, Volume>>,
    /// How many containers need what is mounted at a volume by its options.
    pub volume_uses: RefCell<BTreeMap<String, usize>>,
    /// What the builder remembers.
    pub cache: RefCell<BuildCache>,
    /// What happened.
    pub events: Events,
    /// The daemon's own id.
    pub id: String,
    /// Connections that wait for events.
    pub listeners: Cell<i64>,
    /// It ends: no container is started again.
    pub shutting_down: Cell<bool>,
}

impl Daemon {
    /// A daemon without containers; the networks `bridge`, `host` and `none` are set up by [`crate::networks`].
    pub fn new(sys: Sys, registry: Rc<dyn Registry>, id: String) -> Rc<Daemon> {
        Rc::new(Daemon {
            sys,
            registry,
            images: RefCell::default(),
            containers: RefCell::default(),
            execs: RefCell::default(),
            networks: Networks::default(),
            volumes: RefCell::default(),
            volume_uses: RefCell::default(),
            cache: RefCell::default(),
            events: Events::default(),
            id,
            listeners: Cell::default(),
            shutting_down: Cell::default(),
        })
    }

    /// The wall clock, RFC 3339 with nanoseconds.
    pub fn now_text(&self) -> String {
        nano_text(self.sys.wall_clock())
    }

    /// The container that a name, an id or its beginning means.
    pub fn container(&self, name: &str) -> ApiResult<Rc<Container>> {
        let all = self.containers.borrow();
        if let Some(found) = all.get(name) {
            return Ok(found.clone());
        }
        let bare = name.strip_prefix('/').unwrap_or(name);
        if let Some(found) = all.values().find(|c| *c.name.borrow() == bare) {
            return Ok(found.clone());
        }
        let mut by_prefix = all.range(name.to_string()..).take_while(|(id, _)| id.starts_with(name));
        match (by_prefix.next(), by_prefix.next()) {
            (Some((_, found)), None) if !name.is_empty() => Ok(found.clone()),
            (Some(_), Some(_)) if !name.is_empty() => {
                Err(ApiError::bad(format!("multiple IDs found with provided prefix: {name}")))
            }
            _ => Err(ApiError::not_found(format!("No such container: {name}"))),
        }
    }

    /// A container (running only, if asked) that uses an image.
    pub fn container_using(&self, image: &str, running: bool) -> Option<String> {
        let all = self.containers.borrow();
        all.values()
            .find(|c| c.image_id == image && c.state.borrow().running == (running || c.state.borrow().running))
            .map(|c| c.id.clone())
    }

    /// A name of the image by which a container refers to it.
    pub fn name_in_use(&self, image: &str) -> Option<String> {
        let all = self.containers.borrow();
        let user = all.values().find(|c| c.image_id == image)?;
        let name = user.config.borrow().image.clone();
        docker_api::reference::Reference::parse(&name).ok().map(|r| r.or_latest().familiar())
    }

    /// Whether an image, a container or the build cache stands on a layer.
    pub fn layer_in_use(&self, chain_id: &str) -> bool {
        let images = self.images.borrow();
        images.images.values().any(|i| i.image.chain_ids().iter().any(|c| c == chain_id))
            || self.containers.borrow().values().any(|c| c.chain.iter().any(|l| l == chain_id))
            || self.cache.borrow().holds(chain_id)
    }

    /// Records an event of a container.
    pub fn container_event(&self, c: &Container, action: &str, more: &[(&str, &str)]) {
        let config = c.config.borrow();
        let mut attributes = config.labels.clone().unwrap_or_default();
        attributes.insert("image".into(), config.image.clone());
        attributes.insert("name".into(), c.name.borrow().clone());
        attributes.extend(more.iter().map(|(k, v)| (k.to_string(), v.to_string())));
        self.events.emit(self.sys.wall_clock(), "container", action, &c.id, attributes);
    }

    /// Records an event of an image.
    pub fn image_event(&self, action: &str, id: &str, name: &str) {
        let mut attributes = Map::new();
        if let Some(stored) = self.images.borrow().lookup(id) {
            attributes.extend(stored.image.config.labels.clone().unwrap_or_default());
        }
        attributes.insert("name".into(), name.into());
        self.events.emit(self.sys.wall_clock(), "image", action, id, attributes);
    }

    /// Records an event of something that is neither image nor container.
    pub fn event(&self, kind: &str, action: &str, id: &str, attributes: &[(&str, &str)]) {
        let attributes = attributes.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        self.events.emit(self.sys.wall_clock(), kind, action, id, attributes);
    }

    /// Records that something was pruned.
    pub fn prune_event(&self, kind: &str, reclaimed: u64) {
        self.event(kind, "prune", "", &[("reclaimed", &reclaimed.to_string())]);
    }
}
