//! What a build stands on: the Dockerfile, the frontend it asks for, base images.

use std::collections::BTreeMap;

use docker_api::reference::Reference;
use docker_api::types::Vertex;
use dockerfile::{Dockerfile, Lines};

use super::{MOMENT, Solved, Solver, State, fail, froms, whole_name};
use crate::builder::convert::{self, Base};
use crate::ids::digest;
use crate::images::pull;
use crate::model::cache::Record;
use crate::registry::RegistryError;

const DENIED: &str = "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed";

impl Solver<'_, '_> {
    pub(super) async fn read(&mut self, text: Option<&str>) -> Solved<Dockerfile> {
        let name = self.options.dockerfile.clone();
        let vertex = self
            .p
            .start(&format!("[internal] load build definition from {}", name.rsplit('/').next().unwrap_or(&name)))
            .await?;
        self.pause(MOMENT).await;
        let size = text.map_or(2, |t| 31 + t.len() as i64 + if t.is_empty() { 0 } else { 6 });
        self.p.note(&vertex, "transferring dockerfile:", size).await?;
        self.local_source("dockerfile", text.map_or(0, |t| t.len() as u64));
        let Some(text) = text else {
            self.p.done(vertex).await?;
            return fail(format!("failed to read dockerfile: open {name}: no such file or directory"), None);
        };
        match dockerfile::parse(text) {
            Ok(file) => {
                self.p.warn(&vertex, &name, text, &file.warnings).await?;
                self.p.done(vertex).await?;
                self.syntax(&file).await?;
                Ok(file)
            }
            Err(error) => {
                self.p.done(vertex).await?;
                fail(error.message, error.lines)
            }
        }
    }

    /// `# syntax=docker/dockerfile:1` asks for a frontend; the one that is built in reads all of them.
    pub(super) async fn syntax(&mut self, file: &Dockerfile) -> Solved<()> {
        let Some((name, line)) = &file.directives.syntax else { return Ok(()) };
        let Ok(reference) = Reference::parse(name) else {
            return fail(format!("failed to parse frontend name {name}"), Some((*line, *line)));
        };
        let shown = reference.clone().or_latest().to_string();
        let vertex = self.p.start(&format!("resolve image config for docker-image://{shown}")).await?;
        self.pause(MOMENT * 8).await;
        if reference.name() == "docker.io/docker/dockerfile" {
            self.p.done(vertex).await?;
            return Ok(());
        }
        let why = DENIED;
        self.p.failed(vertex, why).await?;
        fail(format!("failed to resolve source metadata for {shown}: {why}"), Some((*line, *line)))
    }

    /// Finds the base images.
    pub(super) async fn metadata(&mut self, file: &Dockerfile, bases: &[Base], needed: &[usize]) -> Solved<()> {
        let mut wanted: Vec<(String, Lines)> = Vec::new();
        for index in needed {
            let stage = &file.stages[*index];
            if let Base::Image(name) = &bases[*index] {
                wanted.push((name.clone(), stage.lines));
            }
            for instruction in &stage.instructions {
                for name in froms(instruction) {
                    if let Base::Image(name) = convert::other(file, *index, &name) {
                        wanted.push((name, instruction.lines));
                    }
                }
            }
        }
        for (name, lines) in wanted {
            if self.images.contains_key(&whole_name(&name)) {
                continue;
            }
            let Ok(reference) = Reference::parse(&name).map(Reference::or_latest) else {
                return fail(
                    format!("failed to parse stage name {}: invalid reference format", docker_api::text_quote(&name)),
                    Some(lines),
                );
            };
            let vertex = self.p.start(&format!("[internal] load metadata for {reference}")).await?;
            let local =
                if self.options.pull { None } else { self.d.images.borrow().lookup(&name).map(|s| s.image.clone()) };
            self.pause(MOMENT).await;
            if let Some(image) = local {
                self.p.done(vertex).await?;
                self.images.insert(whole_name(&name), (image, None));
                continue;
            }
            match pull::begin(self.d, &reference).await {
                Ok(pull) => {
                    self.p.done(vertex).await?;
                    self.images.insert(whole_name(&name), (pull.image().clone(), Some(pull)));
                }
                Err(error) => {
                    let denied = self.d.registry.resolve(&reference).err() == Some(RegistryError::Denied);
                    let why = match (denied, reference.domain.as_str()) {
                        (_, domain) if domain != docker_api::reference::DEFAULT_DOMAIN => {
                            error.message.replacen("Get ", "failed to do request: Head ", 1).replacen(
                                "/v2/\"",
                                &format!(
                                    "/v2/{}/manifests/{}\"",
                                    reference.path,
                                    reference.tag.clone().unwrap_or_default()
                                ),
                                1,
                            )
                        }
                        (true, _) => DENIED.to_string(),
                        (false, _) => format!("{reference}: not found"),
                    };
                    self.p.failed(vertex, &why).await?;
                    return fail(
                        format!("{name}: failed to resolve source metadata for {reference}: {why}"),
                        Some(lines),
                    );
                }
            }
        }
        Ok(())
    }

    /// `--cache-from`: asks for the images whose layers might be used. What is known here is known already.
    pub(super) async fn import_cache(&mut self) -> Solved<()> {
        for name in &self.options.cache_from {
            let vertex = self.p.start(&format!("importing cache manifest from {name}")).await?;
            let found = match Reference::parse(name).map(Reference::or_latest) {
                Ok(reference) => match pull::begin(self.d, &reference).await {
                    Ok(_) => Ok(()),
                    Err(_) if self.d.registry.resolve(&reference).err() == Some(RegistryError::Denied) => {
                        Err(DENIED.to_string())
                    }
                    Err(_) => Err(format!("{reference}: not found")),
                },
                Err(why) => Err(why),
            };
            match found {
                Ok(()) => self.p.done(vertex).await?,
                Err(why) => {
                    let why = format!("failed to configure registry cache importer: {why}");
                    self.p.failed(vertex, &why).await?;
                }
            }
        }
        Ok(())
    }

    /// The file system of a base image; its layers are fetched if they are not here.
    pub(super) async fn base(&mut self, name: &str, title: &str, cached: bool) -> Solved<State> {
        let (image, pull) =
            self.images.get_mut(&whole_name(name)).map(|i| (i.0.clone(), i.1.take())).unwrap_or_default();
        let chain = image.chain_ids();
        let key = digest(chain.join(" ").as_bytes());
        match pull {
            None if cached => self.p.cached(title).await?,
            None => {
                let vertex = self.p.start(title).await?;
                self.p.done(vertex).await?;
            }
            Some(mut pull) => {
                // What a registry was asked for is named by its digest.
                let mut vertex = self.p.start(&format!("{title}@{}", pull.digest)).await?;
                self.p.note(&vertex, &format!("resolve {}@{}", whole_name(name), pull.digest), 0).await?;
                vertex.cached = cached && pull.descriptions().is_empty();
                self.fetch(&vertex, &mut pull).await?;
                self.p.done(vertex).await?;
            }
        }
        let record = Record {
            description: format!("pulled from {}", Reference::parse(name).map_or(name.to_string(), |r| r.to_string())),
            chain: chain.clone(),
            layer: true,
            ..self.used_now()
        };
        let mut cache = self.d.cache.borrow_mut();
        cache.touch(format!("base\0{key}"), record);
        if self.d.images.borrow().lookup(name).is_none() {
            cache.base_layers.extend(chain.iter().cloned());
        }
        Ok(State { diff_ids: image.diff_ids.clone(), chain, key, image })
    }

    pub(super) async fn fetch(&mut self, vertex: &Vertex, pull: &mut pull::Pull) -> Solved<()> {
        let (started, mut unpacking) = (self.p.now(), BTreeMap::new());
        for (digest, size) in pull.descriptions() {
            self.p.status(vertex, &digest, size as i64, size as i64, started, true).await?;
        }
        loop {
            for message in pull.messages() {
                let Some(progress) = message.progress.filter(|p| p.total > 0) else { continue };
                let over = progress.current == progress.total;
                let Some(layer) = pull.layer_digest(&message.id).map(str::to_string) else { continue };
                if message.status == "Extracting" {
                    let now = self.p.now();
                    let since = *unpacking.entry(layer.clone()).or_insert(now);
                    self.p.status(vertex, &format!("extracting {layer}"), 0, 0, since, over).await?;
                } else {
                    self.p.status(vertex, &layer, progress.current, progress.total, started, over).await?;
                }
            }
            match pull.step(self.d).await {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => return fail(error.message, None),
            }
        }
    }

    /// A stage or image that files come from.
    pub(super) async fn other(&mut self, base: &Base) -> Solved<State> {
        match base {
            Base::Scratch => Ok(State::default()),
            Base::Stage(at) => Ok(self.stages.get(at).cloned().unwrap_or_default()),
            Base::Image(name) => {
                if let Some(known) = self.others.get(name) {
                    return Ok(known.clone());
                }
                let reference =
                    Reference::parse(name).map(Reference::or_latest).map_or(name.clone(), |r| r.to_string());
                let state = self.base(name, &format!("FROM {reference}"), false).await?;
                self.others.insert(name.clone(), state.clone());
                Ok(state)
            }
        }
    }
}
