//! A build as BuildKit does it: bases, plan, steps, image.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use docker_api::reference::Reference;
use docker_api::types::{BuildSource, Vertex};
use dockerfile::{Dockerfile, Lines};

use super::cache::Record;
use super::context::{Context, digest_tree};
use super::convert::{self, Base, Planned, Refusal, Source, Step, Work};
use super::copy;
use super::progress::Progress;
use super::run::{self, Job, Outcome, Workspace};
use super::{Options, tag_all};
use crate::containers::streams::Streams;
use crate::daemon::{Daemon, ROOT};
use crate::error::ApiResult;
use crate::http::Reply;
use crate::images::layers;
use crate::images::{Image, commit, digest, pull};
use crate::registry::RegistryError;

/// Small pieces of work take this long.
const MOMENT: Duration = Duration::from_millis(12);
/// Starting a process takes this long.
const START_WORK: Duration = Duration::from_millis(150);
/// Writing a layer of an image takes this long.
const EXPORT_WORK: Duration = Duration::from_millis(20);

/// Why a build ended.
enum Stop {
    /// The client is gone.
    Gone,
    /// The build failed.
    Failed(Refusal),
}

type Solved<T> = Result<T, Stop>;

/// The value of a result, or the step's failure.
macro_rules! try_step {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(why) => return Ok(Err(why)),
        }
    };
}

impl From<crate::error::ApiError> for Stop {
    fn from(_: crate::error::ApiError) -> Stop {
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
    context_loaded: bool,
    /// What all steps copy from the context.
    followed: Vec<String>,
    /// A step was not in the cache.
    fresh: bool,
}

/// Builds; progress and result go to the reply.
pub async fn build(d: &Rc<Daemon>, r: &mut Reply, options: &Options, context: &Context) -> ApiResult<()> {
    let p = Progress::open(d, r).await?;
    let text = context.read(d, &options.dockerfile);
    let mut solver = Solver {
        d,
        p,
        options,
        context,
        images: BTreeMap::new(),
        stages: BTreeMap::new(),
        others: BTreeMap::new(),
        context_loaded: false,
        followed: Vec::new(),
        fresh: false,
    };
    match solver.build(text.as_deref()).await {
        Ok(id) => solver.p.succeed(&id).await,
        Err(Stop::Gone) => Ok(()),
        Err(Stop::Failed(refusal)) => {
            let name = options.dockerfile.rsplit('/').next().unwrap_or("Dockerfile").to_string();
            let source = refusal.lines.zip(text).map(|(lines, text)| BuildSource { filename: name, source: text, ranges: vec![lines] });
            solver.p.fail(&refusal.message, source).await
        }
    }
}

impl Solver<'_, '_> {
    async fn pause(&self, time: Duration) {
        let _ = self.d.sys.sleep(time).await;
    }

    async fn build(&mut self, text: Option<&str>) -> Solved<String> {
        let file = self.read(text).await?;
        let global = convert::global_arguments(&file, self.options).map_err(Stop::Failed)?;
        let bases = convert::bases(&file, &global).map_err(Stop::Failed)?;
        let target = convert::target(&file, self.options).map_err(Stop::Failed)?;
        let needed = needed(&file, &bases, target);
        self.metadata(&file, &bases, &needed).await?;
        let vertex = self.p.start("[internal] load .dockerignore").await?;
        let size = self.d.sys.file_content(&format!("{}/.dockerignore", self.context.root)).map_or(0, |c| c.size as i64);
        self.pause(MOMENT).await;
        self.p.note(&vertex, "transferring context:", 2 + if size > 0 { size + 35 } else { 0 }).await?;
        self.p.done(vertex).await?;
        let mut planned: BTreeMap<usize, Planned> = BTreeMap::new();
        for index in &needed {
            let from = match &bases[*index] {
                Base::Scratch => Image { created: "1970-01-01T00:00:00Z".into(), ..Image::default() },
                Base::Image(name) => self.images.get(name).map(|i| i.0.clone()).unwrap_or_default(),
                Base::Stage(at) => planned.get(at).map(|p| p.image.clone()).unwrap_or_default(),
            };
            let stage = convert::stage(&file, self.options, &global, *index, bases[*index].clone(), &from).map_err(Stop::Failed)?;
            planned.insert(*index, stage);
        }
        for step in planned.values().flat_map(|p| &p.steps) {
            if let Work::Copy { from: Source::Context, plan } = &step.work {
                self.followed.extend(plan.sources.iter().cloned());
            }
        }
        let named = needed.len() > 1 || planned.values().any(|p| p.mounts);
        for index in &needed {
            if let Some(stage) = planned.get(index) {
                self.stage(*index, stage, named).await?;
            }
        }
        let state = self.stages.remove(&target).unwrap_or_default();
        self.export(state).await
    }

    async fn read(&mut self, text: Option<&str>) -> Solved<Dockerfile> {
        let name = self.options.dockerfile.clone();
        let vertex = self.p.start(&format!("[internal] load build definition from {}", name.rsplit('/').next().unwrap_or(&name))).await?;
        self.pause(MOMENT).await;
        let size = text.map_or(2, |t| 31 + t.len() as i64 + if t.is_empty() { 0 } else { 6 });
        self.p.note(&vertex, "transferring dockerfile:", size).await?;
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
    async fn syntax(&mut self, file: &Dockerfile) -> Solved<()> {
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
    async fn metadata(&mut self, file: &Dockerfile, bases: &[Base], needed: &[usize]) -> Solved<()> {
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
            if self.images.contains_key(&name) {
                continue;
            }
            let Ok(reference) = Reference::parse(&name).map(Reference::or_latest) else {
                return fail(format!("failed to parse stage name {}: invalid reference format", docker_api::text_quote(&name)), Some(lines));
            };
            let vertex = self.p.start(&format!("[internal] load metadata for {reference}")).await?;
            let local = if self.options.pull { None } else { self.d.images.borrow().lookup(&name).map(|s| s.image.clone()) };
            self.pause(MOMENT).await;
            if let Some(image) = local {
                self.p.done(vertex).await?;
                self.images.insert(name, (image, None));
                continue;
            }
            match pull::begin(self.d, &reference).await {
                Ok(pull) => {
                    self.p.done(vertex).await?;
                    self.images.insert(name, (pull.image().clone(), Some(pull)));
                }
                Err(_) => {
                    let denied = self.d.registry.resolve(&reference).err() == Some(RegistryError::Denied);
                    let why = if denied { DENIED.to_string() } else { format!("{reference}: not found") };
                    self.p.failed(vertex, &why).await?;
                    return fail(format!("{name}: failed to resolve source metadata for {reference}: {why}"), Some(lines));
                }
            }
        }
        Ok(())
    }

    /// The file system of a base image; its layers are fetched if they are not here.
    async fn base(&mut self, name: &str, title: &str, cached: bool) -> Solved<State> {
        let (image, pull) = self.images.get_mut(name).map(|i| (i.0.clone(), i.1.take())).unwrap_or_default();
        let chain = image.chain_ids();
        let key = digest(chain.join(" ").as_bytes());
        if cached && pull.is_none() {
            self.p.cached(title).await?;
        } else {
            let vertex = self.p.start(title).await?;
            if let Some(mut pull) = pull {
                self.fetch(&vertex, &mut pull).await?;
            }
            self.p.done(vertex).await?;
        }
        let mut cache = self.d.cache.borrow_mut();
        if self.d.images.borrow().lookup(name).is_none() {
            cache.base_layers.extend(chain.iter().cloned());
        }
        Ok(State { diff_ids: image.diff_ids.clone(), chain, key, image })
    }

    async fn fetch(&mut self, vertex: &Vertex, pull: &mut pull::Pull) -> Solved<()> {
        let started = self.p.now();
        loop {
            for message in pull.messages() {
                let Some(progress) = message.progress.filter(|p| p.total > 0) else { continue };
                let (verb, over) = (message.status.as_str(), progress.current == progress.total);
                let id = if verb == "Extracting" { format!("extracting sha256:{}", message.id) } else { format!("sha256:{}", message.id) };
                self.p.status(vertex, &id, progress.current, progress.total, started, over).await?;
            }
            match pull.step(self.d).await {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => return fail(error.message, None),
            }
        }
    }

    /// A stage or image that files come from.
    async fn other(&mut self, base: &Base) -> Solved<State> {
        match base {
            Base::Scratch => Ok(State::default()),
            Base::Stage(at) => Ok(self.stages.get(at).cloned().unwrap_or_default()),
            Base::Image(name) => {
                if let Some(known) = self.others.get(name) {
                    return Ok(known.clone());
                }
                let reference = Reference::parse(name).map(Reference::or_latest).map_or(name.clone(), |r| r.to_string());
                let state = self.base(name, &format!("FROM {reference}"), false).await?;
                self.others.insert(name.clone(), state.clone());
                Ok(state)
            }
        }
    }

    async fn stage(&mut self, index: usize, stage: &Planned, named: bool) -> Solved<()> {
        let from_image = matches!(stage.base, Base::Image(_));
        let total = stage.steps.len() + usize::from(from_image);
        let width = total.to_string().len();
        let mut number = 0;
        let mut prefix = || {
            number += 1;
            if named { format!("[{} {number:width$}/{total}]", stage.name) } else { format!("[{number:width$}/{total}]") }
        };
        let mut state = match &stage.base {
            Base::Scratch => State { image: stage.image.clone(), ..State::default() },
            Base::Stage(at) => self.stages.get(at).cloned().unwrap_or_default(),
            Base::Image(name) => {
                let reference = Reference::parse(name).map(Reference::or_latest).map_or(name.clone(), |r| r.to_string());
                let title = format!("{} FROM {reference}", prefix());
                let base_key = digest(self.images.get(name).map(|i| i.0.chain_ids().join(" ")).unwrap_or_default().as_bytes());
                let known = self.d.cache.borrow().bases.contains(&base_key);
                let first_known = match stage.steps.first() {
                    Some(step) => self.would_be_cached(&base_key, step),
                    None => false,
                };
                self.d.cache.borrow_mut().bases.insert(base_key);
                self.base(name, &title, known && !first_known).await?
            }
        };
        let mut image = stage.image.clone();
        let mut history = stage.history.clone();
        let mut times: Vec<(usize, String)> = Vec::new();
        if stage.steps.iter().any(|s| matches!(&s.work, Work::Copy { from: Source::Context, plan } if !plan.sources.is_empty())) {
            self.load_context().await?;
        }
        for step in &stage.steps {
            let title = format!("{} {}", prefix(), step.title);
            let record = self.step(&state, step, &title).await?;
            if let Some(entry) = history.get_mut(step.history) {
                entry.empty_layer = !record.layer;
                entry.created.clone_from(&record.created);
            }
            times.push((step.history, record.created.clone()));
            state.chain.clone_from(&record.chain);
            state.diff_ids.clone_from(&record.diff_ids);
            state.key = step_key(&state.key, &step.key, &record.id);
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

    /// The context travels once; of files that an earlier build sent only the description.
    async fn load_context(&mut self) -> Solved<()> {
        if std::mem::replace(&mut self.context_loaded, true) {
            return Ok(());
        }
        let vertex = self.p.start("[internal] load build context").await?;
        let mut size = 2;
        let excluded = |path: &str| self.context.ignore.excludes(path);
        for path in copy::resolve_each(self.d, &self.context.root, &self.followed, &excluded) {
            let place = crate::scope::scoped(&self.d.sys, &self.context.root, &path);
            let mut files = vec![(path.trim_start_matches('/').to_string(), place.clone())];
            for found in layers::walk(&self.d.sys, &place) {
                let name = layers::join(path.trim_start_matches('/'), &found.path);
                files.push((name.trim_start_matches('/').to_string(), layers::join(&place, &found.path)));
            }
            for (name, place) in files.iter().filter(|(n, _)| !n.is_empty() && !excluded(n)) {
                size += 19 + name.len() as i64;
                let Ok(attr) = self.d.sys.lstat(place) else { continue };
                let fresh = self.d.cache.borrow_mut().sent.insert(format!("{name}\0{}", digest_tree(self.d, place, &|_| true)));
                if attr.is_file() && fresh {
                    size += attr.size as i64 + 6;
                }
            }
        }
        self.pause(MOMENT).await;
        self.p.note(&vertex, "transferring context:", size).await?;
        Ok(self.p.done(vertex).await?)
    }

    fn would_be_cached(&self, base_key: &str, step: &Step) -> bool {
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
        let found = copy::resolve(self.d, &self.context.root, &plan.sources, &excluded)?;
        let digests: Vec<String> = found
            .iter()
            .map(|path| {
                let place = crate::scope::scoped(&self.d.sys, &self.context.root, path);
                let below = path.trim_start_matches('/').to_string();
                let out = |p: &str| self.context.ignore.excludes(&layers::join(&below, p));
                format!("{path} {}", digest_tree(self.d, &place, &out))
            })
            .collect();
        Ok(digests.join("\n"))
    }

    async fn step(&mut self, state: &State, step: &Step, title: &str) -> Solved<Record> {
        let content = match (self.content_key(step), &step.work) {
            (Ok(content), Work::Copy { from: Source::Other(base), .. }) => {
                let other = self.other(base).await?;
                format!("{content}{}", other.key)
            }
            (Ok(content), _) => content,
            (Err(why), _) => {
                let id = random_id25(self.d);
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
        if let Work::Copy { plan, .. } = &step.work
            && !plan.documents.is_empty()
        {
            let vertex = self.p.start("[internal] preparing inline document").await?;
            self.p.done(vertex).await?;
        }
        self.fresh = true;
        let vertex = self.p.start(title).await?;
        let workspace = match Workspace::new(self.d, &state.chain) {
            Ok(workspace) => workspace,
            Err(why) => return fail(why, Some(step.lines)),
        };
        let done = self.work(&vertex, state, step, &workspace).await;
        workspace.unmount(self.d);
        let result = match done {
            Ok(Ok(())) => self.keep(state, step, title, &workspace, key),
            Ok(Err(why)) => {
                workspace.remove(self.d);
                self.p.failed(vertex, &why).await?;
                return fail(why, Some(step.lines));
            }
            Err(stop) => Err(stop),
        };
        workspace.remove(self.d);
        let record = result?;
        self.p.done(vertex).await?;
        Ok(record)
    }

    /// Makes the layer of a finished step and remembers it.
    fn keep(&self, state: &State, step: &Step, title: &str, workspace: &Workspace, key: String) -> Solved<Record> {
        let upper = workspace.rootfs.path("diff");
        let made = match commit::layer_from(self.d, &upper, &state.chain) {
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
                    let layer = crate::images::Layer { diff_id: diff.clone(), ..layer };
                    self.d.images.borrow_mut().layers.insert(id.clone(), layer);
                }
                Err(error) => return fail(crate::error::go_errno(error), Some(step.lines)),
            }
        }
        let size = self.d.images.borrow().layers.get(&id).map_or(0, |l| l.size);
        chain.push(id);
        diff_ids.push(diff);
        let record = Record {
            id: random_id25(self.d),
            description: format!("mount / from exec {title}"),
            chain,
            diff_ids,
            layer: true,
            size,
            created: self.d.now_text(),
            used: self.d.sys.wall_clock().0,
            count: 1,
        };
        self.d.cache.borrow_mut().put(key, record.clone());
        Ok(record)
    }

    /// Does the work of a step in a mounted workspace; the inner error is the step's.
    async fn work(&mut self, vertex: &Vertex, state: &State, step: &Step, workspace: &Workspace) -> Solved<Result<(), String>> {
        match &step.work {
            Work::Workdir(path) => {
                let merged = try_step!(workspace.mount(self.d, false));
                self.pause(MOMENT).await;
                let place = crate::scope::scoped(&self.d.sys, &merged, path);
                Ok(layers::make_dirs(&self.d.sys, &place, 0o755).map_err(|e| format!("mkdir {path}: {}", crate::error::go_errno(e))))
            }
            Work::Copy { from, plan } => {
                let merged = try_step!(workspace.mount(self.d, false));
                self.pause(MOMENT).await;
                match from {
                    Source::Context => {
                        let ignore = self.context.ignore.clone();
                        let excluded = move |path: &str| ignore.excludes(path);
                        Ok(copy::copy(self.d, &self.context.root, &merged, plan, &excluded).await)
                    }
                    Source::Other(base) => {
                        let other = self.other(base).await?;
                        let source = try_step!(Workspace::new(self.d, &other.chain));
                        let root = try_step!(source.mount(self.d, false));
                        let found = copy::resolve(self.d, &root, &plan.sources, &|_| false);
                        let done = match found {
                            Ok(_) => copy::copy(self.d, &root, &merged, plan, &|_| false).await,
                            Err(why) => Err(format!("failed to calculate checksum of ref {}::{}: {why}", self.d.id, random_id25(self.d))),
                        };
                        source.unmount(self.d);
                        source.remove(self.d);
                        Ok(done)
                    }
                }
            }
            Work::Run { args, env, user, cwd, mounts } => {
                let merged = try_step!(workspace.mount(self.d, true));
                if !cwd.is_empty() {
                    let place = crate::scope::scoped(&self.d.sys, &merged, cwd);
                    let _ = layers::make_dirs(&self.d.sys, &place, 0o755);
                }
                let mut job = Job { args: args.clone(), env: env.clone(), user: user.clone(), cwd: cwd.clone(), ..Job::default() };
                let sources = try_step!(self.mounts(state, mounts, &mut job).await?);
                let done = self.run(vertex, merged, job).await?;
                for source in sources {
                    source.unmount(self.d);
                    source.remove(self.d);
                }
                Ok(done)
            }
        }
    }

    /// Prepares `RUN --mount`s; gives the workspaces to take down afterwards.
    async fn mounts(&mut self, _: &State, mounts: &[dockerfile::Mount], job: &mut Job) -> Solved<Result<Vec<Workspace>, String>> {
        let mut sources = Vec::new();
        for mount in mounts {
            let target = super::config::workdir(&job.cwd, mount.get(&["target", "dst", "destination"]));
            match mount.kind.as_str() {
                "tmpfs" => job.tmpfs.push(target),
                "cache" => {
                    let id = mount.get(&["id"]);
                    let name = digest(if id.is_empty() { target.as_bytes() } else { id.as_bytes() });
                    let dir = format!("{ROOT}/buildkit/cache/{}", docker_api::ids::truncate(&name));
                    try_step!(layers::make_dirs(&self.d.sys, &dir, 0o755).map_err(crate::error::go_errno));
                    job.binds.push((target, dir, false));
                }
                "bind" => {
                    let within = mount.get(&["source", "src"]).to_string();
                    let root = match mount.get(&["from"]) {
                        "" => {
                            self.load_context().await?;
                            self.context.root.clone()
                        }
                        name => {
                            let at = self.stages.iter().find(|(_, s)| s.key == name).map(|(n, _)| *n);
                            let base = at.map_or_else(|| Base::Image(name.to_string()), Base::Stage);
                            let other = self.other(&base).await?;
                            let source = try_step!(Workspace::new(self.d, &other.chain));
                            let root = try_step!(source.mount(self.d, false));
                            sources.push(source);
                            root
                        }
                    };
                    job.binds.push((target, crate::scope::scoped(&self.d.sys, &root, &within), true));
                }
                other => return Ok(Err(format!("drydock: RUN --mount=type={other} is not emulated here"))),
            }
        }
        Ok(Ok(sources))
    }

    async fn run(&mut self, vertex: &Vertex, merged: String, job: Job) -> Solved<Result<(), String>> {
        let process = docker_api::text_quote(&job.args.join(" "));
        self.pause(START_WORK).await;
        let streams: Rc<Streams> = Rc::default();
        let follower = streams.follow(true, true);
        let running = run::begin(self.d, merged, job, streams);
        while let Some((stream, data)) = follower.next(&self.d.sys).await {
            let number = if stream == docker_api::stdcopy::Stream::Stderr { 2 } else { 1 };
            self.p.log(vertex, number, &data).await?;
        }
        while running.outcome.borrow().is_none() {
            if self.d.sys.wait_on(&running.ended).await.is_err() {
                break;
            }
        }
        let outcome = running.outcome.borrow_mut().take();
        Ok(match outcome {
            Some(Outcome::Exited(0)) => Ok(()),
            Some(Outcome::Exited(code)) => Err(format!("process {process} did not complete successfully: exit code: {code}")),
            Some(Outcome::Failed(why)) => {
                let text = format!("runc run failed: unable to start container process: error during container init: {why}\n");
                self.p.log(vertex, 2, text.as_bytes()).await?;
                Err(format!("process {process} did not complete successfully: exit code: 1"))
            }
            Some(Outcome::Refused(why)) => Err(format!("process {process} did not complete successfully: {why}")),
            None => Err("canceled".into()),
        })
    }

    async fn export(&mut self, mut state: State) -> Solved<String> {
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

const DENIED: &str = "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed";

/// The key of the file system behind a step.
fn step_key(before: &str, step: &str, record: &str) -> String {
    digest(format!("{before}\0{step}\0{record}").as_bytes())
}

/// 25 letters and digits.
fn random_id25(d: &Daemon) -> String {
    let mut bytes = [0; 25];
    d.sys.random(&mut bytes);
    bytes.iter().map(|b| char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[usize::from(*b) % 36])).collect()
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
