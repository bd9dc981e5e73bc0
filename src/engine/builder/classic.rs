//! The classic builder: every instruction makes an image, `RUN` by way of a container.

mod base;
mod copying;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use docker_api::ids::truncate;
use docker_api::reference::Reference;
use docker_api::stdcopy::Stream;
use docker_api::types::{ContainerConfig, CreateBody, JsonMessage};
use dockerfile::{Command, Dockerfile, Instruction, Kind};

use super::context::Context;
use super::options::Options;
use super::run::Workspace;
use crate::containers::stop::{self, Condition};
use crate::containers::{create, remove, start};
use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::files::scope::scoped;
use crate::files::tree;
use crate::http::Reply;
use crate::ids;
use crate::images::instructions::{self, Scope, arguments, environment};
use crate::images::layers;
use crate::images::tag::tag_all;
use crate::model::image::{History, Image};
use crate::time::duration_text;

/// Making and removing the container of a step that only changes the configuration.
const STEP_WORK: Duration = Duration::from_millis(85);

/// Why the build ended.
enum Stop {
    /// The client is gone.
    Gone,
    /// A step failed, with its exit status.
    Failed(i64, String),
}

impl From<ApiError> for Stop {
    fn from(_: ApiError) -> Stop {
        Stop::Gone
    }
}

fn fail<T>(message: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Failed(0, message.into()))
}

struct Builder<'a> {
    d: &'a Rc<Daemon>,
    r: &'a mut Reply,
    options: &'a Options,
    context: &'a Context,
    file: &'a Dockerfile,
    /// The image so far, and its id; empty for `scratch`.
    image: Image,
    id: String,
    arguments: Vec<(String, String)>,
    /// Results of the stages before.
    stages: Vec<(Option<String>, String)>,
    cached: bool,
}

/// Builds step by step.
pub async fn build(d: &Rc<Daemon>, r: &mut Reply, options: &Options, context: &Context) -> ApiResult<()> {
    let name = &options.dockerfile;
    let Some(text) = context.read(&d.sys, name) else {
        return Err(ApiError::bad(format!("Cannot locate specified Dockerfile: {name}")));
    };
    if text.trim().is_empty() {
        let name = name.rsplit('/').next().unwrap_or(name);
        return Err(ApiError::bad(format!("the Dockerfile ({name}) cannot be empty")));
    }
    let file = dockerfile::parse(&text).map_err(|e| {
        let own = e.message.starts_with("dockerfile parse error") || e.message.starts_with("no build stage");
        ApiError::bad(if own { e.message } else { format!("failed to parse Dockerfile: {}", e.message) })
    })?;
    super::convert::target(&file, options).map_err(|e| ApiError::bad(e.message))?;
    r.stream(docker_api::http::JSON).await?;
    let mut builder = Builder {
        d,
        r,
        options,
        context,
        file: &file,
        image: Image::default(),
        id: String::new(),
        arguments: Vec::new(),
        stages: Vec::new(),
        cached: true,
    };
    match builder.build().await {
        Ok(()) => {}
        Err(Stop::Gone) => return Ok(()),
        Err(Stop::Failed(code, message)) => r.chunk(&JsonMessage::error(code, message).encode()).await?,
    }
    r.finish().await
}

impl Builder<'_> {
    async fn say(&mut self, text: impl Into<String>) -> Result<(), Stop> {
        Ok(self.r.chunk(&JsonMessage::stream(text).encode()).await?)
    }

    /// What steps write to standard error is red.
    async fn shout(&mut self, text: &str) -> Result<(), Stop> {
        self.say(format!("\x1b[91m{text}\x1b[0m")).await
    }

    async fn build(&mut self) -> Result<(), Stop> {
        let file = self.file;
        let target = super::convert::target(file, self.options).map_err(|e| Stop::Failed(0, e.message))?;
        self.warn_of_empty_continuations().await?;
        let stages = &file.stages[..=target];
        let labels = usize::from(!self.options.labels.is_empty());
        let total = file.arguments.len() + stages.iter().map(|s| 1 + s.instructions.len()).sum::<usize>() + labels;
        let mut number = 0;
        let mut global: BTreeMap<String, String> = BTreeMap::new();
        for argument in &file.arguments {
            number += 1;
            self.say(format!("Step {number}/{total} : {}\n", argument.original)).await?;
            if let Kind::Arg(list) = &argument.kind {
                for (name, default) in list {
                    let value =
                        self.options.arguments.get(name).cloned().or_else(|| default.clone()).unwrap_or_default();
                    global.insert(name.clone(), value);
                }
            }
        }
        for stage in stages {
            number += 1;
            self.say(format!("Step {number}/{total} : {}\n", stage.original)).await?;
            self.from(&stage.base, &global).await?;
            for instruction in &stage.instructions {
                number += 1;
                self.say(format!("Step {number}/{total} : {}\n", instruction.original)).await?;
                self.step(instruction, &global).await?;
            }
            self.stages.push((stage.name.clone(), self.id.clone()));
        }
        if labels > 0 {
            self.add_labels(total).await?;
        }
        self.unused_arguments().await?;
        let id = self.id.clone();
        if id.is_empty() {
            return fail("No image was generated. Is your Dockerfile empty?");
        }
        let aux = serde_json::json!({ "ID": id });
        self.r.chunk(&JsonMessage { aux: Some(aux), ..JsonMessage::default() }.encode()).await?;
        self.say(format!("Successfully built {}\n", truncate(&id))).await?;
        tag_all(self.d, &id, &self.options.tags)?;
        for tag in &self.options.tags {
            if let Ok(reference) = Reference::parse(tag) {
                self.say(format!("Successfully tagged {}\n", reference.or_latest().familiar())).await?;
            }
        }
        Ok(())
    }

    async fn warn_of_empty_continuations(&mut self) -> Result<(), Stop> {
        let file = self.file;
        let mut any = false;
        for warning in file.warnings.iter().filter(|w| w.rule == "NoEmptyContinuation") {
            any = true;
            let found = file
                .stages
                .iter()
                .flat_map(|s| &s.instructions)
                .find(|i| i.lines.0 <= warning.lines.0 && warning.lines.0 <= i.lines.1);
            let text = found.map_or("", |i| &i.original);
            self.shout(&format!("[WARNING]: Empty continuation line found in: {text}\n")).await?;
        }
        if any {
            self.shout("[WARNING]: Empty continuation lines will become errors in a future release.\n").await?;
        }
        Ok(())
    }

    /// The labels of the command line, as a last step of `total`.
    async fn add_labels(&mut self, total: usize) -> Result<(), Stop> {
        let plain = |t: &str| !t.is_empty() && !t.contains(|c: char| c.is_whitespace() || "\"'\\$#".contains(c));
        let quote = |t: &String| if plain(t) { t.clone() } else { docker_api::text_quote(t) };
        let shown: Vec<String> =
            self.options.labels.iter().map(|(k, v)| format!("{}={}", quote(k), quote(v))).collect();
        self.say(format!("Step {total}/{total} : LABEL {}\n", shown.join(" "))).await?;
        let all = self.image.config.labels.get_or_insert_with(Default::default);
        all.extend(self.options.labels.clone());
        let shown: Vec<String> = self.options.labels.iter().map(|(k, v)| format!("{k}={v}")).collect();
        self.configured(format!("LABEL {}", shown.join(" "))).await
    }

    /// Names that `--build-arg` gave and no `ARG` took.
    async fn unused_arguments(&mut self) -> Result<(), Stop> {
        const PREDEFINED: [&str; 5] = ["ALL_PROXY", "FTP_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];
        let file = self.file;
        let all = file.arguments.iter().chain(file.stages.iter().flat_map(|s| &s.instructions));
        let declared: Vec<&str> = all
            .filter_map(|i| if let Kind::Arg(list) = &i.kind { Some(list) } else { None })
            .flat_map(|list| list.iter().map(|(name, _)| name.as_str()))
            .collect();
        let unused: Vec<&str> = self
            .options
            .arguments
            .keys()
            .map(String::as_str)
            .filter(|n| !declared.contains(n) && !PREDEFINED.contains(&n.to_uppercase().as_str()))
            .collect();
        if unused.is_empty() {
            return Ok(());
        }
        let text = format!("[Warning] One or more build-args [{}] were not consumed\n", unused.join(" "));
        self.say(text).await
    }

    fn variables(&self) -> BTreeMap<String, String> {
        let mut all: BTreeMap<String, String> = self.arguments.iter().cloned().collect();
        all.extend(environment(&self.image.config));
        all
    }

    async fn step(&mut self, instruction: &Instruction, global: &BTreeMap<String, String>) -> Result<(), Stop> {
        let env = self.variables();
        let scope = Scope { env: &env, escape: self.file.directives.escape_char() };
        let bad = |why: String| Stop::Failed(0, why);
        match &instruction.kind {
            Kind::Run { command, mounts, .. } => {
                mounts.iter().try_for_each(dockerfile::Mount::check).map_err(bad)?;
                if !mounts.is_empty() {
                    return fail(
                        "the --mount option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled",
                    );
                }
                self.run(command).await
            }
            Kind::Copy(copy) => self.copy(instruction, copy, &scope).await,
            Kind::Arg(list) => {
                let mut shown = Vec::new();
                for (name, default) in list {
                    let default = default.as_ref().map(|d| scope.word(d)).transpose().map_err(bad)?;
                    shown.push(default.as_ref().map_or_else(|| name.clone(), |v| format!("{name}={v}")));
                    let value =
                        self.options.arguments.get(name).cloned().or(default).or_else(|| global.get(name).cloned());
                    if let Some(value) = value {
                        self.arguments.retain(|(n, _)| n != name);
                        self.arguments.push((name.clone(), value));
                    }
                }
                self.configured(format!("ARG {}", shown.join(" "))).await
            }
            Kind::Workdir(_) => {
                instructions::apply(&mut self.image.config, instruction, &scope).map_err(bad)?;
                self.workdir().await
            }
            Kind::Maintainer(name) => {
                self.image.author.clone_from(name);
                self.configured(format!("MAINTAINER {name}")).await
            }
            kind => {
                let text = instructions::apply(&mut self.image.config, instruction, &scope)
                    .map_err(|why| bad(why.replacen("invalid containerPort", "Invalid containerPort", 1)))?
                    .unwrap_or_default();
                self.image.config.args_escaped = false;
                let text = match kind {
                    Kind::Expose(list) => {
                        let mut list = list.clone();
                        list.sort();
                        format!("EXPOSE {}", list.join(" "))
                    }
                    Kind::Healthcheck(_) => self.health_text(),
                    _ => text,
                };
                self.configured(text).await
            }
        }
    }

    fn health_text(&self) -> String {
        let health = self.image.config.healthcheck.clone().unwrap_or_default();
        let time = duration_text;
        format!(
            "HEALTHCHECK &{{[{}] {} {} {} {} {}}}",
            health.test.unwrap_or_default().join(" "),
            time(health.interval),
            time(health.timeout),
            time(health.start_period),
            time(health.start_interval),
            health.retries
        )
    }

    /// The image that an earlier build made by the same step.
    async fn known(&mut self, key: &str) -> Result<bool, Stop> {
        if self.options.no_cache || !self.cached {
            return Ok(false);
        }
        let found = self.d.cache.borrow().classic.get(&format!("{}\0{key}", self.id)).cloned();
        let stored = found.and_then(|id| self.d.images.borrow().images.get(&id).cloned());
        let Some(stored) = stored else {
            self.cached = false;
            return Ok(false);
        };
        self.image = stored.image;
        self.id.clone_from(&stored.id);
        self.say(" ---> Using cache\n").await?;
        self.say(format!(" ---> {}\n", truncate(&stored.id))).await?;
        Ok(true)
    }

    /// The step is done: what came out is an image.
    async fn made(&mut self, key: &str, created_by: String, diff: Option<String>) -> Result<(), Stop> {
        self.image.created = self.d.now_text();
        self.image.history.push(History {
            created: self.image.created.clone(),
            created_by,
            comment: String::new(),
            empty_layer: diff.is_none(),
        });
        self.image.diff_ids.extend(diff);
        let parent = std::mem::take(&mut self.id);
        self.id = self.d.images.borrow_mut().add(self.image.clone(), &parent);
        self.d.cache.borrow_mut().classic.insert(format!("{parent}\0{key}"), self.id.clone());
        let text = format!(" ---> {}\n", truncate(&self.id));
        self.say(text).await
    }

    /// A step that only changes the configuration.
    async fn configured(&mut self, text: String) -> Result<(), Stop> {
        let config = self.image.config.clone();
        let author = self.image.author.clone();
        if self.known(&text).await? {
            return Ok(());
        }
        (self.image.config, self.image.author) = (config, author);
        self.passing_container().await?;
        let shell = self.shell();
        self.made(&text, format!("{shell} #(nop)  {text}"), None).await
    }

    /// The shell, as the history has it in front of what no shell did.
    fn shell(&self) -> String {
        self.image.config.shell.as_ref().map_or_else(|| "/bin/sh -c".to_string(), |words| words.join(" "))
    }

    async fn passing_container(&mut self) -> Result<(), Stop> {
        let id = ids::new_id(&self.d.sys);
        self.say(format!(" ---> Running in {}\n", &id[..12])).await?;
        let _ = self.d.sys.sleep(STEP_WORK).await;
        self.say(format!(" ---> Removed intermediate container {}\n", &id[..12])).await
    }

    async fn workdir(&mut self) -> Result<(), Stop> {
        let config = self.image.config.clone();
        let text = format!("WORKDIR {}", config.working_dir);
        if self.known(&text).await? {
            return Ok(());
        }
        self.image.config = config;
        self.passing_container().await?;
        let path = self.image.config.working_dir.clone();
        let diff = self.change(|d, merged| {
            let place = scoped(&d.sys, merged, &path);
            tree::make_dirs(&d.sys, &place, 0o755).map_err(crate::error::go_errno)
        })?;
        let shell = self.shell();
        self.made(&text, format!("{shell} #(nop) {text}"), diff).await
    }

    /// Changes the file system; gives the new layer's digest.
    fn change(&self, work: impl FnOnce(&Daemon, &str) -> Result<(), String>) -> Result<Option<String>, Stop> {
        let chain = self.image.chain_ids();
        let workspace = Workspace::new(self.d, &chain).map_err(|e| Stop::Failed(0, e))?;
        let done = workspace.mount(&self.d.sys, false).and_then(|merged| work(self.d, &merged));
        workspace.unmount(&self.d.sys);
        let diff = done.map_err(|e| Stop::Failed(0, e)).and_then(|()| {
            layers::layer_from(self.d, &workspace.rootfs.path("diff"), &chain).map_err(|e| Stop::Failed(0, e.message))
        });
        workspace.remove(&self.d.sys);
        diff
    }

    async fn run(&mut self, command: &Command) -> Result<(), Stop> {
        let args = arguments(command, self.image.config.shell.as_ref());
        // An empty command leaves the shell without its argument.
        let args: Vec<String> =
            if matches!(command, Command::Shell(t) if t.is_empty()) { args[..args.len() - 1].to_vec() } else { args };
        let known = environment(&self.image.config);
        let mut shown: Vec<String> =
            self.arguments.iter().filter(|(n, _)| !known.contains_key(n)).map(|(n, v)| format!("{n}={v}")).collect();
        shown.sort();
        let line = args.join(" ");
        let created_by =
            if shown.is_empty() { line.clone() } else { format!("|{} {} {line}", shown.len(), shown.join(" ")) };
        if self.known(&created_by).await? {
            return Ok(());
        }
        let mut env = self.image.config.env.clone().unwrap_or_default();
        env.extend(shown);
        let config = ContainerConfig {
            image: self.id.clone(),
            cmd: Some(args.clone()),
            entrypoint: Some(vec![String::new()]),
            env: Some(env),
            attach_stdout: true,
            attach_stderr: true,
            ..ContainerConfig::default()
        };
        let body = CreateBody { config, ..CreateBody::default() };
        let container = create::create(self.d, None, "", body).await.map_err(|e| Stop::Failed(0, e.message))?;
        self.say(format!(" ---> Running in {}\n", container.short())).await?;
        let follower = container.streams.borrow().follow(true, true);
        let seen = container.exits.get();
        start::start(self.d, &container).await.map_err(|e| Stop::Failed(0, e.message))?;
        while let Some((stream, data)) = follower.next(&self.d.sys).await {
            let text = String::from_utf8_lossy(&data).into_owned();
            if stream == Stream::Stderr { self.shout(&text).await? } else { self.say(text).await? }
        }
        let (code, _) = stop::wait(&self.d.sys, &container, Condition::NextExit, seen).await;
        if code != 0 {
            return Err(Stop::Failed(code, format!("The command '{line}' returned a non-zero code: {code}")));
        }
        let diff = layers::layer_from(self.d, &container.rootfs.path("diff"), &container.chain)
            .map_err(|e| Stop::Failed(0, e.message))?;
        if !self.options.keep {
            let _ = remove::remove(self.d, &container, true, true).await;
            self.say(format!(" ---> Removed intermediate container {}\n", container.short())).await?;
        }
        self.made(&created_by.clone(), created_by, diff).await
    }
}
