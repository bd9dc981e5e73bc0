//! `COPY` and `ADD`.

use dockerfile::Instruction;

use super::{Builder, Stop, fail};
use crate::builder::context::digest_tree;
use crate::builder::copy::{self, Plan};
use crate::builder::remote::{is_address, unreachable};
use crate::builder::run::Workspace;
use crate::files::scope::scoped;
use crate::ids::digest;
use crate::images::instructions::{self, Scope};
use crate::images::layers;
use crate::runtime::user;

impl Builder<'_> {
    pub(super) async fn copy(
        &mut self,
        instruction: &Instruction,
        wanted: &dockerfile::Copy,
        scope: &Scope<'_>,
    ) -> Result<(), Stop> {
        let keyword = instruction.keyword.to_uppercase();
        let bad = |why: String| Stop::Failed(0, why);
        if !instruction.heredocs.is_empty() {
            return fail(format!("{keyword} failed: no source files were specified"));
        }
        if !wanted.chmod.is_empty() {
            return fail(
                "the --chmod option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled",
            );
        }
        let sources: Vec<String> =
            wanted.sources.iter().map(|s| scope.word(s)).collect::<Result<_, _>>().map_err(bad)?;
        let destination = scope.word(&wanted.destination).map_err(bad)?;
        if let Some(outside) = sources.iter().find(|s| s.starts_with("../") || *s == "..") {
            return fail(format!("{keyword} failed: forbidden path outside the build context: {outside} ()"));
        }
        if let Some(address) = sources.iter().find(|s| wanted.add && is_address(s)) {
            return fail(format!("ADD failed: {}", unreachable(&self.d.sys, address)));
        }
        let mut full = instructions::workdir(&self.image.config.working_dir, &destination);
        if (destination.ends_with('/') || destination == ".") && full != "/" {
            full.push('/');
        }
        let other = if wanted.from.is_empty() {
            None
        } else {
            let name = wanted.from.clone();
            if name.parse() == Ok(self.stages.len()) {
                return fail(format!("invalid from flag value {name}: refers to current build stage"));
            }
            let id = match name.parse::<usize>().ok().and_then(|n| self.stages.get(n)) {
                Some((_, id)) => id.clone(),
                None => self.resolve(&name, &format!("invalid from flag value {name}: ")).await?,
            };
            let chain = self.d.images.borrow().images.get(&id).map(|s| s.image.chain_ids()).unwrap_or_default();
            let source = Workspace::new(self.d, &chain).map_err(bad)?;
            Some(source)
        };
        let root = match &other {
            Some(source) => source.mount(&self.d.sys, false).map_err(bad)?,
            None => self.context.root.clone(),
        };
        let ignore = self.context.ignore.clone();
        let from_context = other.is_none();
        let excluded = move |path: &str| from_context && ignore.excludes(path);
        let plan = Plan {
            add: wanted.add,
            sources: sources.clone(),
            destination: full,
            chown: scope.word(&wanted.chown).map_err(bad)?,
            ..Plan::default()
        };
        self.known_owner(&plan.chown)?;
        let result = self.copied(&keyword, &root, &plan, &destination, &excluded).await;
        if let Some(source) = other {
            source.unmount(&self.d.sys);
            source.remove(&self.d.sys);
        }
        result
    }

    /// The user of `--chown` must be one of the image's, or a number.
    fn known_owner(&self, owner: &str) -> Result<(), Stop> {
        let user = owner.split(':').next().unwrap_or("");
        if user.is_empty() || user.parse::<u32>().is_ok() {
            return Ok(());
        }
        let workspace = Workspace::new(self.d, &self.image.chain_ids()).map_err(|e| Stop::Failed(0, e))?;
        let found =
            workspace.mount(&self.d.sys, false).map(|merged| user::find(&self.d.sys, &merged, user, &[]).is_ok());
        workspace.unmount(&self.d.sys);
        workspace.remove(&self.d.sys);
        if found == Ok(true) {
            return Ok(());
        }
        fail(format!(
            "unable to convert uid/gid chown string to host mapping: can't find uid for user {user}: no such user: {user}"
        ))
    }

    async fn copied(
        &mut self,
        keyword: &str,
        root: &str,
        plan: &Plan,
        destination: &str,
        excluded: &dyn Fn(&str) -> bool,
    ) -> Result<(), Stop> {
        let found = match copy::resolve(&self.d.sys, root, &plan.sources, excluded) {
            Ok(found) => found,
            Err(_) => {
                let missing =
                    plan.sources.iter().find(|s| copy::resolve(&self.d.sys, root, &[(*s).clone()], excluded).is_err());
                let name = missing.cloned().unwrap_or_default();
                return fail(format!(
                    "{keyword} failed: file not found in build context or excluded by .dockerignore: stat {}: file does not exist",
                    name.trim_start_matches("./")
                ));
            }
        };
        if plan.sources.len() > 1 && !destination.ends_with('/') && destination != "." {
            return fail(format!(
                "When using {keyword} with more than one source file, the destination must be a directory and end with a /"
            ));
        }
        if found.is_empty() {
            return fail(format!("{keyword} failed: no source files were specified"));
        }
        let digests: Vec<String> =
            found.iter().map(|p| digest_tree(&self.d.sys, &scoped(&self.d.sys, root, p), &|_| false)).collect();
        let all = digest(digests.join(" ").as_bytes());
        let kind = if found.len() > 1 {
            "multi"
        } else if self.d.sys.stat(&format!("{root}{}", found[0])).is_ok_and(|a| a.is_dir()) {
            "dir"
        } else {
            "file"
        };
        let hash = if digests.len() == 1 { digests[0].clone() } else { all["sha256:".len()..].to_string() };
        let text = format!("{keyword} {kind}:{hash} in {destination} ");
        if self.known(&text).await? {
            return Ok(());
        }
        let chain = self.image.chain_ids();
        let workspace = Workspace::new(self.d, &chain).map_err(|e| Stop::Failed(0, e))?;
        let done = match workspace.mount(&self.d.sys, false) {
            Ok(merged) => copy::copy(&self.d.sys, root, &merged, plan, excluded).await,
            Err(why) => Err(why),
        };
        workspace.unmount(&self.d.sys);
        let diff = done
            .and_then(|()| layers::layer_from(self.d, &workspace.rootfs.path("diff"), &chain).map_err(|e| e.message));
        workspace.remove(&self.d.sys);
        match diff {
            Ok(diff) => {
                let shell = self.shell();
                self.made(&text.clone(), format!("{shell} #(nop) {text}"), diff).await
            }
            Err(why) => fail(format!("{keyword} failed: {why}")),
        }
    }
}
