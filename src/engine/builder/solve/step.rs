//! One step of a build: what it depends on, its result from the cache or made anew, and the layer that is kept.

use super::{Solved, Solver, State, fail};
use crate::builder::context::digest_tree;
use crate::builder::convert::{Source, Step, Work};
use crate::builder::run::Workspace;
use crate::builder::{copy, remote};
use crate::error::go_errno;
use crate::files::scope::scoped;
use crate::files::tree;
use crate::ids::{self, digest};
use crate::images::layers;
use crate::model::cache::Record;
use crate::model::image::Layer;

impl Solver<'_, '_> {
    /// Whether a step right behind a base image is known.
    pub(super) fn would_be_cached(&self, base_key: &str, step: &Step) -> bool {
        if self.options.no_cache {
            return false;
        }
        let Ok(content) = self.content_key(step) else { return false };
        let key = digest(format!("{base_key}\0{}\0{content}", step.key).as_bytes());
        let now = self.d.sys.wall_clock();
        self.d.cache.borrow_mut().get(&key, now).is_some()
    }

    /// A digest over what a step copies from the context; the error is BuildKit's.
    fn content_key(&self, step: &Step) -> Result<String, String> {
        let Work::Copy { from: Source::Context, plan } = &step.work else { return Ok(String::new()) };
        let excluded = |path: &str| self.context.ignore.excludes(path);
        let found = copy::resolve(&self.d.sys, &self.context.root, &plan.sources, &excluded)?;
        let digests: Vec<String> = found
            .iter()
            .map(|path| {
                let place = scoped(&self.d.sys, &self.context.root, path);
                let below = path.trim_start_matches('/').to_string();
                let out = |p: &str| self.context.ignore.excludes(&tree::join(&below, p));
                format!("{path} {}", digest_tree(&self.d.sys, &place, &out))
            })
            .collect();
        Ok(digests.join("\n"))
    }

    /// Does a step, or takes its result from the cache.
    pub(super) async fn step(&mut self, state: &State, step: &Step, title: &str) -> Solved<Record> {
        if let Work::Copy { plan, .. } = &step.work
            && let Some(address) = plan.sources.iter().find(|s| plan.add && remote::is_address(s))
        {
            let why = remote::unreachable(&self.d.sys, address);
            let vertex = self.p.start(title).await?;
            self.p.failed(vertex, &why).await?;
            return fail(format!("failed to load cache key: {why}"), None);
        }
        let content = match (self.content_key(step), &step.work) {
            (Ok(content), Work::Copy { from: Source::Other(base), .. }) => {
                let other = self.other(base).await?;
                format!("{content}{}", other.key)
            }
            (Ok(content), _) => content,
            (Err(why), _) => {
                let id = ids::random_id25(&self.d.sys);
                let why = format!("failed to calculate checksum of ref {}::{id}: {why}", self.d.id);
                let vertex = self.p.start(title).await?;
                self.p.failed(vertex, &why).await?;
                return fail(format!("failed to compute cache key: {why}"), Some(step.lines));
            }
        };
        let key = digest(format!("{}\0{}\0{content}", state.key, step.key).as_bytes());
        if !self.options.no_cache {
            let now = self.d.sys.wall_clock();
            let known = self.d.cache.borrow_mut().get(&key, now);
            if let Some(record) = known {
                self.p.cached(title).await?;
                return Ok(record);
            }
        }
        self.fresh = true;
        let vertex = self.p.start(title).await?;
        let workspace = match Workspace::new(self.d, &state.chain) {
            Ok(workspace) => workspace,
            Err(why) => return fail(why, Some(step.lines)),
        };
        let done = self.work(&vertex, step, &workspace).await;
        workspace.unmount(&self.d.sys);
        let result = match done {
            Ok(Ok(())) => self.keep(state, step, title, &workspace, key),
            Ok(Err(why)) => {
                workspace.remove(&self.d.sys);
                self.p.failed(vertex, &why).await?;
                return fail(why, Some(step.lines));
            }
            Err(stop) => Err(stop),
        };
        workspace.remove(&self.d.sys);
        let record = result?;
        self.p.done(vertex).await?;
        Ok(record)
    }

    /// Makes the layer of a finished step and remembers it.
    fn keep(&self, state: &State, step: &Step, title: &str, workspace: &Workspace, key: String) -> Solved<Record> {
        let upper = workspace.rootfs.path("diff");
        let made = match layers::layer_from(self.d, &upper, &state.chain) {
            Ok(made) => made,
            Err(error) => return fail(error.message, Some(step.lines)),
        };
        let (mut chain, mut diff_ids) = (state.chain.clone(), state.diff_ids.clone());
        // Where nothing changed there is an empty layer, as in an image that was pulled.
        let diff = made.unwrap_or_else(|| digest(b""));
        let id = chain.last().map_or(diff.clone(), |parent| digest(format!("{parent} {diff}").as_bytes()));
        if !self.d.images.borrow().layers.contains_key(&id) {
            match layers::create(&self.d.sys) {
                Ok(layer) => {
                    let layer = Layer { diff_id: diff.clone(), ..layer };
                    self.d.images.borrow_mut().layers.insert(id.clone(), layer);
                }
                Err(error) => return fail(go_errno(error), Some(step.lines)),
            }
        }
        let size = self.d.images.borrow().layers.get(&id).map_or(0, |l| l.size);
        chain.push(id);
        diff_ids.push(diff);
        let record = Record {
            description: format!("mount / from exec {title}"),
            chain,
            diff_ids,
            layer: true,
            size,
            ..self.used_now()
        };
        self.d.cache.borrow_mut().put(key, record.clone());
        Ok(record)
    }
}

/// The key of the file system behind a step.
pub(super) fn key(before: &str, step: &str, record: &str) -> String {
    digest(format!("{before}\0{step}\0{record}").as_bytes())
}
