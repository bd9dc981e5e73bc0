//! The work of single steps.

use std::rc::Rc;

use docker_api::types::Vertex;

use super::{END_WORK, MOMENT, START_WORK, Solved, Solver};
use crate::builder::convert::{Base, Source, Step, Work};
use crate::builder::copy;
use crate::builder::run::{self, Job, Outcome, Workspace};
use crate::files::scope::scoped;
use crate::files::tree;
use crate::ids::{self, digest};
use crate::images::instructions;
use crate::paths::ROOT;
use crate::runtime::streams::Streams;

/// The value of a result, or the step's failure.
macro_rules! try_step {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(why) => return Ok(Err(why)),
        }
    };
}

impl Solver<'_, '_> {
    /// Does the work of a step in a mounted workspace; the inner error is the step's.
    pub(super) async fn work(
        &mut self,
        vertex: &Vertex,
        step: &Step,
        workspace: &Workspace,
    ) -> Solved<Result<(), String>> {
        match &step.work {
            Work::Workdir(path) => {
                let merged = try_step!(workspace.mount(&self.d.sys, false));
                self.pause(MOMENT).await;
                let place = scoped(&self.d.sys, &merged, path);
                Ok(tree::make_dirs(&self.d.sys, &place, 0o755)
                    .map_err(|e| format!("mkdir {path}: {}", crate::error::go_errno(e))))
            }
            Work::Copy { from, plan } => {
                let merged = try_step!(workspace.mount(&self.d.sys, false));
                self.pause(MOMENT).await;
                match from {
                    Source::Context => {
                        let ignore = self.context.ignore.clone();
                        let excluded = move |path: &str| ignore.excludes(path);
                        Ok(copy::copy(&self.d.sys, &self.context.root, &merged, plan, &excluded).await)
                    }
                    Source::Other(base) => {
                        let other = self.other(base).await?;
                        let source = try_step!(Workspace::new(self.d, &other.chain));
                        let root = try_step!(source.mount(&self.d.sys, false));
                        let found = copy::resolve(&self.d.sys, &root, &plan.sources, &|_| false);
                        let done = match found {
                            Ok(_) => copy::copy(&self.d.sys, &root, &merged, plan, &|_| false).await,
                            Err(why) => Err(format!(
                                "failed to calculate checksum of ref {}::{}: {why}",
                                self.d.id,
                                ids::random_id25(&self.d.sys)
                            )),
                        };
                        source.unmount(&self.d.sys);
                        source.remove(&self.d.sys);
                        Ok(done)
                    }
                }
            }
            Work::Run { args, env, user, cwd, mounts, network } => {
                let merged = try_step!(workspace.mount(&self.d.sys, true));
                if !cwd.is_empty() {
                    let place = scoped(&self.d.sys, &merged, cwd);
                    let _ = tree::make_dirs(&self.d.sys, &place, 0o755);
                }
                let mut job = Job {
                    args: args.clone(),
                    env: env.clone(),
                    user: user.clone(),
                    cwd: cwd.clone(),
                    network: network.clone(),
                    ..Job::default()
                };
                let sources = try_step!(self.mounts(mounts, &mut job).await?);
                let stubs = run::stubs(&self.d.sys, &merged, &job);
                let done = self.run(vertex, merged, job).await?;
                run::clean_stubs(&self.d.sys, &stubs);
                for source in sources {
                    source.unmount(&self.d.sys);
                    source.remove(&self.d.sys);
                }
                Ok(done)
            }
        }
    }

    /// Prepares `RUN --mount`s; gives the workspaces to take down afterwards.
    async fn mounts(&mut self, mounts: &[dockerfile::Mount], job: &mut Job) -> Solved<Result<Vec<Workspace>, String>> {
        let mut sources = Vec::new();
        for mount in mounts {
            let target = instructions::workdir(&job.cwd, mount.get(&["target", "dst", "destination"]));
            match mount.kind.as_str() {
                "tmpfs" => job.tmpfs.push(target),
                "cache" => {
                    let id = mount.get(&["id"]);
                    let name = digest(if id.is_empty() { target.as_bytes() } else { id.as_bytes() });
                    let dir = format!("{ROOT}/buildkit/cache/{}", docker_api::ids::truncate(&name));
                    if self.options.no_cache {
                        tree::remove_tree(&self.d.sys, &dir);
                    }
                    try_step!(tree::make_dirs(&self.d.sys, &dir, 0o755).map_err(crate::error::go_errno));
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
                            let root = try_step!(source.mount(&self.d.sys, false));
                            sources.push(source);
                            root
                        }
                    };
                    job.binds.push((target, scoped(&self.d.sys, &root, &within), true));
                }
                "secret" => try_step!(self.secret(mount, job)),
                other => return Ok(Err(format!("drydock: RUN --mount=type={other} is not emulated here"))),
            }
        }
        Ok(Ok(sources))
    }

    /// A `--secret` of the build as a file, or as a variable. One that was not given is not there.
    fn secret(&self, mount: &dockerfile::Mount, job: &mut Job) -> Result<(), String> {
        let (target, env) = (mount.get(&["target", "dst", "destination"]), mount.get(&["env"]));
        let id = match mount.get(&["id", "source", "src"]) {
            "" => target.rsplit('/').next().unwrap_or(""),
            id => id,
        };
        let Some(value) = self.options.secrets.get(id) else {
            let required = mount.options.iter().any(|(k, v)| k == "required" && v != "false");
            return if required { Err(format!("secret {id}: not found")) } else { Ok(()) };
        };
        if !env.is_empty() {
            instructions::set_env(&mut job.env, env, value);
        }
        if !target.is_empty() || env.is_empty() {
            let target =
                if target.is_empty() { format!("/run/secrets/{id}") } else { instructions::workdir(&job.cwd, target) };
            let dir = format!("{ROOT}/buildkit/secrets");
            tree::make_dirs(&self.d.sys, &dir, 0o700).map_err(crate::error::go_errno)?;
            let place = format!("{dir}/{}", docker_api::ids::truncate(&digest(id.as_bytes())));
            let mode = u32::from_str_radix(mount.get(&["mode"]), 8).unwrap_or(0o400);
            let content = value.clone().into_bytes().into();
            self.d.sys.put_file(&place, content, mode).map_err(crate::error::go_errno)?;
            job.binds.push((target, place, true));
        }
        Ok(())
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
        self.pause(END_WORK).await;
        Ok(match outcome {
            Some(Outcome::Exited(0)) => Ok(()),
            Some(Outcome::Exited(code)) => {
                Err(format!("process {process} did not complete successfully: exit code: {code}"))
            }
            Some(Outcome::Failed(why)) => {
                let text =
                    format!("runc run failed: unable to start container process: error during container init: {why}\n");
                self.p.log(vertex, 2, text.as_bytes()).await?;
                Err(format!("process {process} did not complete successfully: exit code: 1"))
            }
            Some(Outcome::Refused(why)) => Err(format!("process {process} did not complete successfully: {why}")),
            None => Err("canceled".into()),
        })
    }
}
