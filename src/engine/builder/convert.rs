//! Stages to steps: variables are expanded, configuration is collected, what has to be done is listed. Pure but for
//! the bases' configurations, which are given.

use std::collections::BTreeMap;

use docker_api::types::ImageConfig;
use dockerfile::{Command, Copy, Dockerfile, Expander, Instruction, Kind, Lines};

use super::copy::Plan;
use super::options::Options;
use crate::images::instructions::{self, Scope, arguments, environment, set_env};
use crate::model::image::{History, Image};

/// An error with the lines that it is about.
#[derive(Debug)]
pub struct Refusal {
    /// The message.
    pub message: String,
    /// Where.
    pub lines: Option<Lines>,
}

impl Refusal {
    fn at(lines: Lines, message: impl Into<String>) -> Refusal {
        Refusal { message: message.into(), lines: Some(lines) }
    }
}

/// On what a stage stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// Nothing.
    Scratch,
    /// An image of this name.
    Image(String),
    /// An earlier stage.
    Stage(usize),
}

/// From where files are copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The context.
    Context,
    /// An image or stage.
    Other(Base),
}

/// Something that makes a layer.
#[derive(Clone, Debug)]
pub enum Work {
    /// `RUN`
    Run {
        /// Program and arguments.
        args: Vec<String>,
        /// Environment with build arguments.
        env: Vec<String>,
        /// Who.
        user: String,
        /// Where.
        cwd: String,
        /// `--mount`s.
        mounts: Vec<dockerfile::Mount>,
        /// `--network`, or the build's; empty for the usual one.
        network: String,
    },
    /// `COPY` and `ADD`
    Copy {
        /// From where.
        from: Source,
        /// What and where to.
        plan: Plan,
    },
    /// `WORKDIR`
    Workdir(String),
}

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// As it is shown behind the numbers.
    pub title: String,
    /// What makes it the same step in another build.
    pub key: String,
    /// What is done.
    pub work: Work,
    /// Where it stands.
    pub lines: Lines,
    /// Its place in the history.
    pub history: usize,
}

/// A stage ready to be built.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Its name, or `stage-0`.
    pub name: String,
    /// On what it stands.
    pub base: Base,
    /// The steps.
    pub steps: Vec<Step>,
    /// The image without the new layers.
    pub image: Image,
    /// The new lines of the history; empty layers are marked.
    pub history: Vec<History>,
    /// Any `RUN` has mounts.
    pub mounts: bool,
    /// So many of the steps come from the base's `ONBUILD`.
    pub triggers: usize,
}

/// Values of `ARG`s before the first `FROM`.
pub fn global_arguments(file: &Dockerfile, options: &Options) -> Result<BTreeMap<String, String>, Refusal> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for name in ["TARGETPLATFORM", "BUILDPLATFORM"] {
        all.insert(name.into(), "linux/amd64".into());
    }
    for (name, value) in [("TARGETOS", "linux"), ("BUILDOS", "linux"), ("TARGETARCH", "amd64"), ("BUILDARCH", "amd64")]
    {
        all.insert(name.into(), value.into());
    }
    for instruction in &file.arguments {
        let Kind::Arg(list) = &instruction.kind else { continue };
        for (name, default) in list {
            let value = match (options.arguments.get(name), default) {
                (Some(given), _) => given.clone(),
                (None, Some(text)) => Scope { env: &all, escape: file.directives.escape_char() }
                    .word(text)
                    .map_err(|e| Refusal::at(instruction.lines, e))?,
                (None, None) => continue,
            };
            all.insert(name.clone(), value);
        }
    }
    Ok(all)
}

/// The bases of all stages.
pub fn bases(file: &Dockerfile, global: &BTreeMap<String, String>) -> Result<Vec<Base>, Refusal> {
    let mut out: Vec<Base> = Vec::new();
    for (i, stage) in file.stages.iter().enumerate() {
        let look_up = |name: &str| global.get(name).cloned();
        let name = Expander::new(file.directives.escape_char(), &look_up).word(&stage.base).map_err(|e| {
            Refusal::at(stage.lines, format!("failed to process arguments for platform {}: {e}", stage.base))
        })?;
        if name.trim().is_empty() {
            return Err(Refusal::at(stage.lines, format!("base name ({}) should not be blank", stage.base)));
        }
        let earlier = file.stages[..i].iter().rposition(|s| s.name.as_deref() == Some(&name.to_lowercase()));
        out.push(match earlier {
            Some(at) => Base::Stage(at),
            None if name == "scratch" => Base::Scratch,
            None => match docker_api::reference::Reference::parse(&name) {
                Ok(_) => Base::Image(name),
                Err(why) => {
                    let why = why.replacen(
                        "repository name (",
                        "repository name (library/",
                        usize::from(!name.contains('/') && !why.contains("library/")),
                    );
                    return Err(Refusal::at(
                        stage.lines,
                        format!("failed to parse stage name {}: {why}", docker_api::text_quote(&name)),
                    ));
                }
            },
        });
    }
    Ok(out)
}

/// The stage that is asked for.
pub fn target(file: &Dockerfile, options: &Options) -> Result<usize, Refusal> {
    let name = options.target.to_lowercase();
    if name.is_empty() {
        return Ok(file.stages.len() - 1);
    }
    // A number is no name here.
    file.stages.iter().rposition(|s| s.name.as_deref() == Some(&name)).ok_or_else(|| Refusal {
        message: format!("target stage {} could not be found", docker_api::text_quote(&options.target)),
        lines: None,
    })
}

/// What `COPY --from` and `RUN --mount=from` mean.
pub fn other(file: &Dockerfile, stage: usize, name: &str) -> Base {
    let lower = name.to_lowercase();
    let by_name = file.stages[..stage].iter().rposition(|s| s.name.as_deref() == Some(&lower));
    match by_name.or_else(|| lower.parse().ok().filter(|n| *n < stage)) {
        Some(at) => Base::Stage(at),
        None if lower == "scratch" => Base::Scratch,
        None => Base::Image(name.to_string()),
    }
}

/// Refuses a stage that takes files from itself.
pub fn check_circles(file: &Dockerfile) -> Result<(), Refusal> {
    for (index, stage) in file.stages.iter().enumerate() {
        let own =
            |name: &str| name.parse() == Ok(index) || stage.name.as_deref().is_some_and(|n| n == name.to_lowercase());
        for instruction in &stage.instructions {
            let itself = match &instruction.kind {
                Kind::Copy(copy) => own(&copy.from),
                Kind::Run { mounts, .. } => mounts.iter().any(|m| own(m.get(&["from"]))),
                _ => false,
            };
            if itself {
                let name = stage.name.clone().unwrap_or_else(|| format!("stage-{index}"));
                return Err(Refusal::at(instruction.lines, format!("circular dependency detected on stage: {name}")));
            }
        }
    }
    Ok(())
}

struct Stager<'a> {
    file: &'a Dockerfile,
    options: &'a Options,
    global: &'a BTreeMap<String, String>,
    index: usize,
    escape: char,
    config: ImageConfig,
    /// Build arguments in scope, in the order of their declaration.
    arguments: Vec<(String, String)>,
    steps: Vec<Step>,
    history: Vec<History>,
    mounts: bool,
}

/// Converts one stage.
pub fn stage(
    file: &Dockerfile,
    options: &Options,
    global: &BTreeMap<String, String>,
    index: usize,
    base: Base,
    from: &Image,
) -> Result<Planned, Refusal> {
    let source = &file.stages[index];
    let mut config = from.config.clone();
    let triggers = config.on_build.take().unwrap_or_default();
    if config.env.is_none() && base == Base::Scratch {
        config.env = Some(vec!["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".into()]);
    }
    let mut stager = Stager {
        file,
        options,
        global,
        index,
        escape: file.directives.escape_char(),
        config,
        arguments: Vec::new(),
        steps: Vec::new(),
        history: Vec::new(),
        mounts: false,
    };
    for trigger in triggers {
        let list = dockerfile::parse_instructions(&trigger).map_err(|e| Refusal::at(source.lines, e.message))?;
        for instruction in list {
            stager.instruction(&instruction).map_err(|e| Refusal::at(source.lines, e))?;
        }
    }
    let triggers = stager.steps.len();
    for step in &mut stager.steps {
        step.title.insert_str(0, "ONBUILD ");
    }
    for instruction in &source.instructions {
        stager.instruction(instruction).map_err(|e| Refusal::at(instruction.lines, e))?;
    }
    let mut image = from.clone();
    image.config = stager.config;
    image.architecture = "amd64".into();
    image.os = "linux".into();
    Ok(Planned {
        name: source.name.clone().unwrap_or_else(|| format!("stage-{index}")),
        base,
        steps: stager.steps,
        image,
        history: stager.history,
        mounts: stager.mounts,
        triggers,
    })
}

impl Stager<'_> {
    /// Environment, and the arguments that it does not hide.
    fn variables(&self) -> BTreeMap<String, String> {
        let mut all: BTreeMap<String, String> = self.arguments.iter().cloned().collect();
        all.extend(environment(&self.config));
        all
    }

    fn note(&mut self, text: String, empty_layer: bool) -> usize {
        self.history.push(History {
            created: String::new(),
            created_by: text,
            comment: "buildkit.dockerfile.v0".into(),
            empty_layer,
        });
        self.history.len() - 1
    }

    fn step(&mut self, instruction: &Instruction, title: String, history: String, key: String, work: Work) {
        let history = self.note(history, false);
        self.steps.push(Step { title, key, work, lines: instruction.lines, history });
    }

    fn instruction(&mut self, instruction: &Instruction) -> Result<(), String> {
        let env = self.variables();
        let scope = Scope { env: &env, escape: self.escape };
        match &instruction.kind {
            Kind::Arg(list) => return self.argument(list),
            Kind::Run { command, mounts, network } => return self.run(instruction, command, mounts, network),
            // What is meant for later builds is in the configuration alone.
            Kind::OnBuild(_) => return instructions::apply(&mut self.config, instruction, &scope).map(|_| ()),
            Kind::Copy(copy) => return self.copy(instruction, copy, &scope),
            Kind::Workdir(path) => {
                let path = scope.word(path)?;
                self.config.working_dir = instructions::workdir(&self.config.working_dir, &path);
                let full = self.config.working_dir.clone();
                let title = format!("WORKDIR {path}");
                self.step(
                    instruction,
                    title,
                    format!("WORKDIR {full}"),
                    format!("WORKDIR {full}"),
                    Work::Workdir(full),
                );
                return Ok(());
            }
            Kind::Maintainer(name) => {
                // The author is not part of what containers start from.
                let text = format!("MAINTAINER {name}");
                self.note(text, true);
                return Ok(());
            }
            _ => {}
        }
        if let Some(text) = instructions::apply(&mut self.config, instruction, &scope)? {
            self.note(text, true);
        }
        Ok(())
    }

    fn argument(&mut self, list: &[(String, Option<String>)]) -> Result<(), String> {
        let mut shown = Vec::new();
        for (name, default) in list {
            let env = self.variables();
            let default = default.as_ref().map(|d| Scope { env: &env, escape: self.escape }.word(d)).transpose()?;
            let value =
                self.options.arguments.get(name).cloned().or(default).or_else(|| self.global.get(name).cloned());
            shown.push(value.as_ref().map_or_else(|| name.clone(), |v| format!("{name}={v}")));
            if let Some(value) = value {
                self.arguments.retain(|(n, _)| n != name);
                self.arguments.push((name.clone(), value));
            }
        }
        self.note(format!("ARG {}", shown.join(" ")), true);
        Ok(())
    }

    fn run(
        &mut self,
        instruction: &Instruction,
        command: &Command,
        mounts: &[dockerfile::Mount],
        network: &str,
    ) -> Result<(), String> {
        mounts.iter().try_for_each(dockerfile::Mount::check)?;
        self.mounts |= !mounts.is_empty();
        let network = if network.is_empty() { self.options.network.clone() } else { network.to_string() };
        let mut command = command.clone();
        if let (Command::Shell(text), Some(first)) = (&command, instruction.heredocs.first()) {
            let words = text.trim();
            let alone = words.starts_with("<<") && !words.contains(char::is_whitespace);
            command = if alone {
                Command::Shell(first.content.clone())
            } else {
                // The shell reads the documents itself.
                let docs: String = instruction.heredocs.iter().map(|h| format!("\n{}{}", h.content, h.name)).collect();
                Command::Shell(format!("{text}{docs}"))
            };
        }
        let args = arguments(&command, self.config.shell.as_ref());
        let mut env = self.config.env.clone().unwrap_or_default();
        let known = environment(&self.config);
        let mut shown: Vec<String> = Vec::new();
        for (name, value) in self.arguments.iter().filter(|(n, _)| !known.contains_key(n)) {
            set_env(&mut env, name, value);
            shown.push(format!("{name}={value}"));
        }
        shown.sort();
        let prefix = if shown.is_empty() { String::new() } else { format!("|{} {} ", shown.len(), shown.join(" ")) };
        let line = args.join(" ");
        let variables = self.variables();
        let title = Scope { env: &variables, escape: self.escape }.shown(&instruction.title());
        let (user, cwd) = (self.config.user.clone(), self.config.working_dir.clone());
        let key = format!("RUN {prefix}{line}\0{}\0{user}\0{cwd}\0{network}\0{mounts:?}", env.join("\0"));
        let work = Work::Run { args, env, user, cwd, mounts: mounts.to_vec(), network };
        self.step(instruction, title, format!("RUN {prefix}{line} # buildkit"), key, work);
        Ok(())
    }

    fn copy(&mut self, instruction: &Instruction, copy: &Copy, scope: &Scope) -> Result<(), String> {
        let keyword = if copy.add { "ADD" } else { "COPY" };
        let (mut sources, mut documents) = (Vec::new(), Vec::new());
        let mut docs = instruction.heredocs.iter();
        for source in &copy.sources {
            if source.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with("<<")
                && let Some(doc) = docs.next()
            {
                let content = if doc.expand {
                    scope.word(&doc.content.replace('"', "\\\"").replace('\'', "\\'"))?
                } else {
                    doc.content.clone()
                };
                documents.push((doc.name.clone(), content));
                continue;
            }
            let source = scope.word(source)?;
            let repository = source.starts_with("git@") || source.ends_with(".git");
            if repository && copy.add {
                return Err(format!("drydock: {keyword} {source} is not emulated here"));
            }
            sources.push(source);
        }
        let destination = scope.word(&copy.destination)?;
        let as_dir = destination.ends_with('/') || destination.ends_with("/.") || destination == ".";
        let chmod = scope.word(&copy.chmod)?;
        if !chmod.is_empty() && u32::from_str_radix(&chmod, 8).is_err() {
            return Err("invalid syntax".to_string());
        }
        let mut full = instructions::workdir(&self.config.working_dir, &destination);
        if as_dir && full != "/" {
            full.push('/');
        }
        let from = match copy.from.as_str() {
            "" => Source::Context,
            name => Source::Other(other(self.file, self.index, &scope.word(name)?)),
        };
        let plan = Plan {
            add: copy.add,
            sources,
            documents,
            destination: full,
            chown: scope.word(&copy.chown)?,
            chmod,
            exclude: copy.exclude.clone(),
            parents: copy.parents,
        };
        let title = scope.shown(&instruction.title());
        let key = format!("{keyword} {plan:?}");
        // The history shows sources and destination, expanded.
        let words: Vec<String> = copy.sources.iter().chain([&copy.destination]).map(|w| scope.shown(w)).collect();
        let flags: String = [("chown", &plan.chown), ("chmod", &plan.chmod)]
            .iter()
            .filter(|(_, v)| !v.is_empty())
            .map(|(k, v)| format!("--{k}={v} "))
            .collect();
        let history = format!("{keyword} {flags}{} # buildkit", words.join(" "));
        self.step(instruction, title, history, key, Work::Copy { from, plan });
        Ok(())
    }
}
