//! A build as BuildKit does it: bases, plan, steps, image.

mod bases;
mod step;
mod work;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use docker_api::reference::Reference;
use docker_api::types::BuildSource;
use dockerfile::{Dockerfile, Lines};

use super::context::{Context, digest_tree};
use super::convert::{self, Base, Planned, Refusal, Source, Work};
use super::copy;
use super::options::Options;
use super::progress::Progress;
use super::run::Workspace;
use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::files::archive::pack;
use crate::files::scope::scoped;
use crate::files::tree;
use crate::http::Reply;
use crate::ids::{self, digest};
use crate::images::pull;
use crate::images::tag::tag_all;
use crate::model::cache::Record;
use crate::model::image::Image;

/// Small pieces of work take this long.
const MOMENT: Duration = Duration::from_millis(22);
/// Setting a container up and starting its process takes this long.
const START_WORK: Duration = Duration::from_millis(260);
/// Taking it down and keeping what changed takes this long.
const END_WORK: Duration = Duration::from_millis(30);
/// Writing a layer of an image takes this long.
const EXPORT_WORK: Duration = Duration::from_millis(25);
/// Writing the files of a result where the client wants them takes this long.
const COPY_WORK: Duration = Duration::from_millis(150);

/// Why a build ended.
enum Stop {
    /// The client is gone.
    Gone,
    /// The build failed.
    Failed(Refusal),
}

type Solved<T> = Result<T, Stop>;

impl From<ApiError> for Stop {
    fn from(_: ApiError) -> Stop {
        Stop::Gone
    }
}

fn fail<T>(message: impl Into<String>, lines: Option<Lines>) -> Solved<T> {
    Err(Stop::Failed(Refusal { message: message.into(), lines }))
}

/// A file system that steps stand on.
#[derive(Clone, Debug, Default)]
struct State {
    chain: Vec<String>,
    diff_ids: Vec<String>,
    /// What it was made of.
    key: String,
    image: Image,
}

struct Solver<'a, 'r> {
    d: &'a Rc<Daemon>,
    p: Progress<'r>,
    options: &'a Options,
    context: &'a Context,
    /// Base images by name.
    images: BTreeMap<String, (Image, Option<pull::Pull>)>,
    /// Finished stages and images.
    stages: BTreeMap<usize, State>,
    others: BTreeMap<String, State>,
    /// Bases that were shown.
    shown_bases: BTreeMap<String, State>,
    context_loaded: bool,
    /// What all steps copy from the context.
    followed: Vec<String>,
    /// A step was not in the cache.
    fresh: bool,
}

/// Builds; progress and result go to the reply.
pub async fn build(d: &Rc<Daemon>, r: &mut Reply, options: &Options, context: &Context) -> ApiResult<()> {
    let p = Progress::open(d, r).await?;
    let text = context.read(&d.sys, &options.dockerfile);
    let mut solver = Solver {
        d,
        p,
        options,
        context,
        images: BTreeMap::new(),
        stages: BTreeMap::new(),
        others: BTreeMap::new(),
        shown_bases: BTreeMap::new(),
        context_loaded: false,
        followed: Vec::new(),
        fresh: false,
    };
    match solver.build(text.as_deref()).await {
        Ok(id) => solver.p.succeed(&id).await,
        Err(Stop::Gone) => Ok(()),
        Err(Stop::Failed(refusal)) => {
            let name = options.dockerfile.rsplit('/').next().unwrap_or("Dockerfile").to_string();
            let source = refusal.lines.zip(text).map(|(lines, text)| BuildSource {
                filename: name,
                source: text,
                ranges: vec![lines],
            });
            solver.p.fail(&refusal.message, source).await
        }
    }
}

impl Solver<'_, '_> {
    /// What every record of the cache begins with.
    fn used_now(&self) -> Record {
        let (created, used) = (self.d.now_text(), self.d.sys.wall_clock().0);
        Record { id: ids::random_id25(&self.d.sys), created, used, count: 1, ..Record::default() }
    }

    /// The client's files stay with the builder, so that the next build gets only what changed.
    fn local_source(&self, what: &str, size: u64) {
        let record = Record { description: format!("local source for {what}"), local: true, size, ..self.used_now() };
        self.d.cache.borrow_mut().touch(format!("local\0{what}\0{}", self.options.shared_key), record);
    }

    async fn pause(&self, time: Duration) {
        let _ = self.d.sys.sleep(time).await;
    }

    async fn build(&mut self, text: Option<&str>) -> Solved<String> {
        let file = self.read(text).await?;
        let global = convert::global_arguments(&file, self.options).map_err(Stop::Failed)?;
        let bases = convert::bases(&file, &global).map_err(Stop::Failed)?;
        let target = convert::target(&file, self.options).map_err(Stop::Failed)?;
        convert::check_circles(&file).map_err(Stop::Failed)?;
        let needed = needed(&file, &bases, target);
        self.metadata(&file, &bases, &needed).await?;
        let vertex = self.p.start("[internal] load .dockerignore").await?;
        let size =
            self.d.sys.file_content(&format!("{}/.dockerignore", self.context.root)).map_or(0, |c| c.size as i64);
        self.pause(MOMENT).await;
        self.p.note(&vertex, "transferring context:", 2 + if size > 0 { size + 35 } else { 0 }).await?;
        self.p.done(vertex).await?;
        self.local_source("context", 0);
        if self.options.check {
            return Ok(String::new());
        }
        let mut planned: BTreeMap<usize, Planned> = BTreeMap::new();
        for index in &needed {
            let from = match &bases[*index] {
                Base::Scratch => Image { created: "1970-01-01T00:00:00Z".into(), ..Image::default() },
                Base::Image(name) => self.images.get(&whole_name(name)).map(|i| i.0.clone()).unwrap_or_default(),
                Base::Stage(at) => planned.get(at).map(|p| p.image.clone()).unwrap_or_default(),
            };
            let stage = convert::stage(&file, self.options, &global, *index, bases[*index].clone(), &from)
                .map_err(Stop::Failed)?;
            planned.insert(*index, stage);
        }
        for step in planned.values().flat_map(|p| &p.steps) {
            if let Work::Copy { from: Source::Context, plan } = &step.work {
                self.followed.extend(plan.sources.iter().cloned());
            }
        }
        let named = file.stages.len() > 1 || planned.values().any(|p| p.mounts);
        self.import_cache().await?;
        for index in &needed {
            if let Some(stage) = planned.get(index) {
                self.stage(*index, stage, named).await?;
            }
        }
        let state = self.stages.remove(&target).unwrap_or_default();
        self.export(state).await
    }

    async fn stage(&mut self, index: usize, stage: &Planned, named: bool) -> Solved<()> {
        let from_image = matches!(stage.base, Base::Image(_));
        let total = stage.steps.len() + usize::from(from_image);
        let width = total.to_string().len();
        let mut number = 0;
        let mut prefix = |total: usize| {
            number += 1;
            if named {
                format!("[{} {number:width$}/{total}]", stage.name)
            } else {
                format!("[{number:width$}/{total}]")
            }
        };
        let mut state = match &stage.base {
            Base::Scratch => State { image: stage.image.clone(), ..State::default() },
            Base::Stage(at) => self.stages.get(at).cloned().unwrap_or_default(),
            Base::Image(name) => {
                let prefix = prefix(total - stage.triggers);
                self.base_of(name, stage, &prefix).await?
            }
        };
        self.inline_documents(stage).await?;
        let mut image = stage.image.clone();
        let mut history = stage.history.clone();
        let mut times: Vec<(usize, String)> = Vec::new();
        if stage
            .steps
            .iter()
            .any(|s| matches!(&s.work, Work::Copy { from: Source::Context, plan } if !plan.sources.is_empty()))
        {
            self.load_context().await?;
        }
        for step in &stage.steps {
            let title = format!("{} {}", prefix(total), step.title);
            let record = self.step(&state, step, &title).await?;
            if let Some(entry) = history.get_mut(step.history) {
                entry.empty_layer = !record.layer;
                entry.created.clone_from(&record.created);
            }
            times.push((step.history, record.created.clone()));
            state.chain.clone_from(&record.chain);
            state.diff_ids.clone_from(&record.diff_ids);
            state.key = step::key(&state.key, &step.key, &record.id);
        }
        // What only changed the configuration is as old as the layer before it, or the one after.
        let base_time = state.image.created.clone();
        let first = times.first().map_or(base_time.clone(), |(_, t)| t.clone());
        let mut last = first;
        for (at, entry) in history.iter_mut().enumerate() {
            match times.iter().find(|(n, _)| *n == at) {
                Some((_, time)) => last.clone_from(time),
                None => entry.created.clone_from(&last),
            }
        }
        image.created = times.last().map_or(base_time, |(_, t)| t.clone());
        image.history = state.image.history.clone();
        image.history.extend(history);
        image.diff_ids.clone_from(&state.diff_ids);
        state.image = image;
        self.stages.insert(index, state);
        Ok(())
    }

    /// The base image of a stage. Stages on the same image share it: it is shown once.
    async fn base_of(&mut self, name: &str, stage: &Planned, prefix: &str) -> Solved<State> {
        let reference = Reference::parse(name).map(Reference::or_latest).map_or(name.to_string(), |r| r.to_string());
        let base_key = digest(
            self.images.get(&whole_name(name)).map(|i| i.0.chain_ids().join(" ")).unwrap_or_default().as_bytes(),
        );
        let known = self.d.cache.borrow().bases.contains(&base_key);
        let first_known = match stage.steps.first() {
            Some(step) => self.would_be_cached(&base_key, step),
            None => false,
        };
        self.d.cache.borrow_mut().bases.insert(base_key);
        if let Some(state) = self.shown_bases.get(&whole_name(name)) {
            return Ok(state.clone());
        }
        let state = self.base(name, &format!("{prefix} FROM {reference}"), known && !first_known).await?;
        self.shown_bases.insert(whole_name(name), state.clone());
        Ok(state)
    }

    /// The here-documents of a stage's copies are prepared before its steps.
    async fn inline_documents(&mut self, stage: &Planned) -> Solved<()> {
        for step in &stage.steps {
            let Work::Copy { plan, .. } = &step.work else { continue };
            for _ in &plan.documents {
                let vertex = self.p.start("[internal] preparing inline document").await?;
                self.p.done(vertex).await?;
            }
        }
        Ok(())
    }

    /// The context travels once; of files that an earlier build sent only the description.
    async fn load_context(&mut self) -> Solved<()> {
        if std::mem::replace(&mut self.context_loaded, true) {
            return Ok(());
        }
        let vertex = self.p.start("[internal] load build context").await?;
        let (mut size, mut kept) = (2, 0);
        let excluded = |path: &str| self.context.ignore.excludes(path);
        for path in copy::resolve_each(&self.d.sys, &self.context.root, &self.followed, &excluded) {
            let place = scoped(&self.d.sys, &self.context.root, &path);
            let mut files = vec![(path.trim_start_matches('/').to_string(), place.clone())];
            for found in tree::walk(&self.d.sys, &place) {
                let name = tree::join(path.trim_start_matches('/'), &found.path);
                files.push((name.trim_start_matches('/').to_string(), tree::join(&place, &found.path)));
            }
            for (name, place) in files.iter().filter(|(n, _)| !n.is_empty() && !excluded(n)) {
                size += 19 + name.len() as i64;
                let Ok(attr) = self.d.sys.lstat(place) else { continue };
                let fresh = self
                    .d
                    .cache
                    .borrow_mut()
                    .sent
                    .insert(format!("{name}\0{}", digest_tree(&self.d.sys, place, &|_| true)));
                kept += if attr.is_file() { attr.size } else { 0 };
                if attr.is_file() && fresh {
                    size += attr.size as i64 + 6;
                }
            }
        }
        self.pause(MOMENT).await;
        self.p.note(&vertex, "transferring context:", size).await?;
        self.local_source("context", kept);
        Ok(self.p.done(vertex).await?)
    }

    async fn export(&mut self, mut state: State) -> Solved<String> {
        if !self.options.output.is_empty() {
            return self.hand_over(&state).await;
        }
        let vertex = self.p.start("exporting to image").await?;
        if !state.chain.is_empty() {
            let started = self.p.now();
            if self.fresh {
                self.p.status(&vertex, "exporting layers", 0, 0, started, false).await?;
                self.pause(EXPORT_WORK).await;
            }
            self.p.status(&vertex, "exporting layers", 0, 0, started, true).await?;
        }
        if !self.options.labels.is_empty() {
            let labels = state.image.config.labels.get_or_insert_with(Default::default);
            labels.extend(self.options.labels.clone());
        }
        let id = self.d.images.borrow_mut().add(state.image, "");
        self.p.note(&vertex, &format!("writing image {id}"), 0).await?;
        let mut names = Vec::new();
        for tag in &self.options.tags {
            let Ok(reference) = Reference::parse(tag) else { continue };
            names.push(reference.to_string());
        }
        if let Err(error) = tag_all(self.d, &id, &self.options.tags) {
            return fail(error.message, None);
        }
        for name in names {
            self.p.note(&vertex, &format!("naming to {name}"), 0).await?;
        }
        self.p.done(vertex).await?;
        Ok(id)
    }
}

impl Solver<'_, '_> {
    /// Gives the files of the result to the client.
    async fn hand_over(&mut self, state: &State) -> Solved<String> {
        let local = self.options.output == "local";
        let what = if local { "exporting to client directory" } else { "exporting to client tarball" };
        let vertex = self.p.start(what).await?;
        let packed = match Workspace::new(self.d, &state.chain) {
            Ok(workspace) => {
                let packed = match workspace.mount(&self.d.sys, false) {
                    Ok(merged) => {
                        let size = tree::tree_size(&self.d.sys, &merged);
                        pack(&self.d.sys, &merged, "").await.map(|data| (data, size)).map_err(|e| e.message)
                    }
                    Err(why) => Err(why),
                };
                workspace.unmount(&self.d.sys);
                workspace.remove(&self.d.sys);
                packed
            }
            Err(why) => Err(why),
        };
        let (archive, size) = match packed {
            Ok(packed) => packed,
            Err(why) => {
                self.p.failed(vertex, &why).await?;
                return fail(why, None);
            }
        };
        let started = self.p.now();
        if local {
            self.p.status(&vertex, "copying files", size as i64, 0, started, false).await?;
        }
        self.p.hand_over(&archive).await?;
        self.pause(if local { COPY_WORK } else { EXPORT_WORK }).await;
        match local {
            true => self.p.status(&vertex, "copying files", size as i64, 0, started, true).await?,
            false => self.p.status(&vertex, "sending tarball", 0, 0, started, true).await?,
        }
        self.p.done(vertex).await?;
        Ok(String::new())
    }
}

/// The reference that a name means: stages on `alpine` and on `alpine:latest` stand on the same image.
fn whole_name(name: &str) -> String {
    Reference::parse(name).map(Reference::or_latest).map_or(name.to_string(), |r| r.to_string())
}

/// The names that an instruction takes files from.
fn froms(instruction: &dockerfile::Instruction) -> Vec<String> {
    match &instruction.kind {
        dockerfile::Kind::Copy(copy) if !copy.from.is_empty() => vec![copy.from.clone()],
        dockerfile::Kind::Run { mounts, .. } => {
            mounts.iter().map(|m| m.get(&["from"]).to_string()).filter(|n| !n.is_empty()).collect()
        }
        _ => Vec::new(),
    }
}

/// The stages that a target needs, in order.
fn needed(file: &Dockerfile, bases: &[Base], target: usize) -> Vec<usize> {
    let (mut todo, mut all) = (vec![target], std::collections::BTreeSet::new());
    while let Some(index) = todo.pop() {
        if !all.insert(index) {
            continue;
        }
        if let Base::Stage(at) = &bases[index] {
            todo.push(*at);
        }
        for instruction in &file.stages[index].instructions {
            for name in froms(instruction) {
                if let Base::Stage(at) = convert::other(file, index, &name) {
                    todo.push(at);
                }
            }
        }
    }
    all.into_iter().collect()
}
