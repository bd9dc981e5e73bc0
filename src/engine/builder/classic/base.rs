//! `FROM`: the image that a stage stands on.

use std::collections::BTreeMap;

use docker_api::ids::truncate;
use docker_api::reference::Reference;

use super::{Builder, Stop, fail};
use crate::images::instructions::Scope;
use crate::images::pull;
use crate::model::image::Image;

impl Builder<'_> {
    pub(super) async fn from(&mut self, base: &str, global: &BTreeMap<String, String>) -> Result<(), Stop> {
        let scope = Scope { env: global, escape: self.file.directives.escape_char() };
        let name = scope.word(base).map_err(|e| Stop::Failed(0, e))?;
        self.arguments.clear();
        self.cached = true;
        if name.is_empty() {
            return fail(format!("base name ({base}) should not be blank"));
        }
        if name == "scratch" {
            (self.image, self.id) =
                (Image { os: "linux".into(), architecture: "amd64".into(), ..Image::default() }, String::new());
            return self.say(" ---> \n").await;
        }
        let id = self.resolve(&name, "").await?;
        self.image = self.d.images.borrow().images.get(&id).map(|s| s.image.clone()).unwrap_or_default();
        self.id = id;
        let triggers = self.image.config.on_build.take().unwrap_or_default();
        if triggers.is_empty() {
            self.say(format!(" ---> {}\n", truncate(&self.id.clone()))).await?;
        } else {
            let word = if triggers.len() == 1 { "trigger" } else { "triggers" };
            self.say(format!("# Executing {} build {word}\n", triggers.len())).await?;
        }
        for trigger in triggers {
            let list = dockerfile::parse_instructions(&trigger).map_err(|e| Stop::Failed(0, e.message))?;
            for instruction in list {
                Box::pin(self.step(&instruction, global)).await?;
            }
        }
        Ok(())
    }

    /// An earlier stage, an image that is here, or one from the registry.
    pub(super) async fn resolve(&mut self, name: &str, error_prefix: &str) -> Result<String, Stop> {
        let lower = name.to_lowercase();
        if let Some((_, id)) = self.stages.iter().rev().find(|(n, _)| n.as_deref() == Some(&lower)) {
            return Ok(id.clone());
        }
        let reference = match Reference::parse(name) {
            Ok(reference) => reference.or_latest(),
            Err(why) => {
                let why = why.replacen(
                    "repository name (",
                    "repository name (library/",
                    usize::from(!name.contains('/') && !why.contains("library/")),
                );
                return fail(why);
            }
        };
        if !self.options.pull
            && let Some(stored) = self.d.images.borrow().lookup(name)
        {
            return Ok(stored.id.clone());
        }
        let mut pull = match pull::begin(self.d, &reference).await {
            Ok(pull) => pull,
            Err(error) => return fail(format!("{error_prefix}{}", error.message)),
        };
        loop {
            for message in pull.messages() {
                self.r.chunk(&message.encode()).await?;
            }
            match pull.step(self.d).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return fail(error.message),
            }
        }
        let (id, _) = pull.finish(self.d, true);
        for message in pull.messages() {
            self.r.chunk(&message.encode()).await?;
        }
        Ok(id)
    }
}
