//! Instructions that change the configuration of an image.

use std::collections::BTreeMap;

use docker_api::types::{HealthConfig, ImageConfig, Map};
use dockerfile::{Command, Expander, Instruction, Kind};

use crate::model::image::Image;
use crate::text::parse_signal;
use crate::time::duration_text;

/// Variables as they are where an instruction stands.
pub struct Scope<'a> {
    /// Environment, and build arguments where they count.
    pub env: &'a BTreeMap<String, String>,
    /// The file's escape character.
    pub escape: char,
}

impl Scope<'_> {
    /// Expands a word.
    pub fn word(&self, text: &str) -> Result<String, String> {
        let look_up = |name: &str| self.env.get(name).cloned();
        Expander::new(self.escape, &look_up)
            .word(text)
            .map_err(|why| format!("failed to process {}: {why}", docker_api::text_quote(text)))
    }

    /// Expands for being shown.
    pub fn shown(&self, text: &str) -> String {
        let look_up = |name: &str| self.env.get(name).cloned();
        Expander::shown(self.escape, &look_up).word(text).unwrap_or_else(|_| text.to_string())
    }
}

/// The environment of an image as a map.
pub fn environment(config: &ImageConfig) -> BTreeMap<String, String> {
    let pairs = config.env.iter().flatten();
    pairs.filter_map(|e| e.split_once('=')).map(|(k, v)| (k.to_string(), v.to_string())).collect()
}

/// Sets a variable in an environment, in its place.
pub fn set_env(env: &mut Vec<String>, name: &str, value: &str) {
    let prefix = format!("{name}=");
    let text = format!("{prefix}{value}");
    match env.iter_mut().find(|e| e.starts_with(&prefix)) {
        Some(known) => *known = text,
        None => env.push(text),
    }
}

/// `["a" "b"]` as the history shows a list.
pub fn quoted(list: &[String]) -> String {
    let items: Vec<String> = list.iter().map(|s| docker_api::text_quote(s)).collect();
    format!("[{}]", items.join(" "))
}

/// The arguments that a command makes with a shell.
pub fn arguments(command: &Command, shell: Option<&Vec<String>>) -> Vec<String> {
    match command {
        Command::Exec(list) => list.clone(),
        Command::Shell(text) => {
            let mut list = shell.cloned().unwrap_or_else(|| vec!["/bin/sh".into(), "-c".into()]);
            list.push(text.clone());
            list
        }
    }
}

/// A port as `EXPOSE` writes it: `80`, `80/udp`, `80-82`; gives all as `80/tcp`.
fn ports(text: &str) -> Result<Vec<String>, String> {
    let (proto, range) = docker_api::ports::split_proto(text);
    let invalid = || format!("invalid containerPort: {text}");
    if !matches!(proto.as_str(), "tcp" | "udp" | "sctp") {
        return Err(if proto.is_empty() { invalid() } else { format!("invalid proto: {proto}") });
    }
    // Only the part behind the last colon is the container's.
    let range = range.rsplit(':').next().unwrap_or("").to_string();
    let (first, last) = docker_api::ports::parse_range(&range).map_err(|_| invalid())?;
    Ok((first..=last).map(|p| format!("{p}/{proto}")).collect())
}

fn absolute(base: &str, path: &str) -> String {
    let joined = if path.starts_with('/') {
        path.to_string()
    } else {
        format!("{}/{path}", if base.is_empty() { "" } else { base })
    };
    docker_api::mounts::clean(&format!("/{joined}"))
}

/// The directory that `WORKDIR` makes current.
pub fn workdir(current: &str, path: &str) -> String {
    absolute(current.trim_end_matches('/'), path)
}

fn apply_env(config: &mut ImageConfig, pairs: &[(String, String)], scope: &Scope) -> Result<String, String> {
    let mut shown = Vec::new();
    let mut env = config.env.clone().unwrap_or_default();
    for (name, value) in pairs {
        let (name, value) = (scope.word(name)?, scope.word(value)?);
        set_env(&mut env, &name, &value);
        shown.push(format!("{name}={value}"));
    }
    config.env = Some(env);
    Ok(format!("ENV {}", shown.join(" ")))
}

fn apply_labels(config: &mut ImageConfig, pairs: &[(String, String)], scope: &Scope) -> Result<String, String> {
    let labels = config.labels.get_or_insert_with(Map::new);
    let mut shown = Vec::new();
    for (name, value) in pairs {
        let (name, value) = (scope.word(name)?, scope.word(value)?);
        shown.push(format!("{name}={value}"));
        labels.insert(name, value);
    }
    Ok(format!("LABEL {}", shown.join(" ")))
}

fn apply_ports(config: &mut ImageConfig, list: &[String], scope: &Scope) -> Result<String, String> {
    let mut all = Vec::new();
    for port in list {
        for word in scope.word(port)?.split_whitespace() {
            all.extend(ports(word)?);
        }
    }
    let exposed = config.exposed_ports.get_or_insert_with(Map::new);
    exposed.extend(all.iter().map(|p| (p.clone(), Default::default())));
    all.sort();
    Ok(format!("EXPOSE [{}]", all.join(" ")))
}

fn apply_health(config: &mut ImageConfig, health: &dockerfile::Health) -> String {
    let test = match &health.command {
        None => vec!["NONE".to_string()],
        Some(Command::Exec(list)) => std::iter::once("CMD".to_string()).chain(list.iter().cloned()).collect(),
        Some(Command::Shell(text)) => vec!["CMD-SHELL".to_string(), text.clone()],
    };
    let seconds = |nanos: i64| docker_api::text_quote(&duration_text(nanos));
    let text = format!(
        "HEALTHCHECK &{{{} {} {} {} {} '\\x{:02x}'}}",
        quoted(&test),
        seconds(health.interval),
        seconds(health.timeout),
        seconds(health.start_period),
        seconds(health.start_interval),
        health.retries
    );
    config.healthcheck = Some(HealthConfig {
        test: Some(test),
        interval: health.interval,
        timeout: health.timeout,
        start_period: health.start_period,
        start_interval: health.start_interval,
        retries: health.retries,
    });
    text
}

/// Changes the configuration; gives the text of the history. `None`: it is no such instruction.
pub fn apply(config: &mut ImageConfig, instruction: &Instruction, scope: &Scope) -> Result<Option<String>, String> {
    let text = match &instruction.kind {
        Kind::Env(pairs) => apply_env(config, pairs, scope)?,
        Kind::Label(pairs) => apply_labels(config, pairs, scope)?,
        Kind::Expose(list) => apply_ports(config, list, scope)?,
        Kind::Healthcheck(health) => apply_health(config, health),
        Kind::Cmd(command) => {
            let list = arguments(command, config.shell.as_ref());
            config.args_escaped = true;
            config.cmd = Some(list.clone());
            format!("CMD {}", quoted(&list))
        }
        Kind::Entrypoint(command) => {
            let list = arguments(command, config.shell.as_ref());
            config.args_escaped = true;
            config.entrypoint = Some(list.clone());
            format!("ENTRYPOINT {}", quoted(&list))
        }
        Kind::Volume(list) => {
            let list: Vec<String> = list.iter().map(|v| scope.word(v)).collect::<Result<_, _>>()?;
            let volumes = config.volumes.get_or_insert_with(Map::new);
            volumes.extend(list.iter().map(|v| (v.clone(), Default::default())));
            format!("VOLUME [{}]", list.join(" "))
        }
        Kind::User(user) => {
            config.user = scope.word(user)?;
            format!("USER {}", config.user)
        }
        Kind::Workdir(path) => {
            config.working_dir = workdir(&config.working_dir, &scope.word(path)?);
            format!("WORKDIR {}", config.working_dir)
        }
        Kind::StopSignal(signal) => {
            let signal = scope.word(signal)?;
            parse_signal(&signal).map_err(|e| e.message)?;
            config.stop_signal.clone_from(&signal);
            format!("STOPSIGNAL {signal}")
        }
        Kind::Shell(list) => {
            config.shell = Some(list.clone());
            format!("SHELL [{}]", list.join(" "))
        }
        Kind::OnBuild(trigger) => {
            config.on_build.get_or_insert_with(Vec::new).push(trigger.clone());
            format!("ONBUILD {trigger}")
        }
        Kind::Maintainer(name) => format!("MAINTAINER {name}"),
        Kind::Arg(_) | Kind::Copy(_) | Kind::From { .. } | Kind::Run { .. } => return Ok(None),
    };
    Ok(Some(text))
}

/// Changes a configuration by instructions (`docker commit --change`).
pub fn apply_changes(image: &mut Image, changes: &[String]) -> Result<(), String> {
    for text in changes.iter().filter(|t| !t.trim().is_empty()) {
        let keyword = text.split_whitespace().next().unwrap_or("").to_uppercase();
        if !matches!(
            keyword.as_str(),
            "CMD"
                | "ENTRYPOINT"
                | "ENV"
                | "EXPOSE"
                | "HEALTHCHECK"
                | "LABEL"
                | "ONBUILD"
                | "STOPSIGNAL"
                | "USER"
                | "VOLUME"
                | "WORKDIR"
        ) {
            return Err(format!("{keyword} is not a valid change command"));
        }
        let instructions = dockerfile::parse_instructions(text).map_err(|e| e.message)?;
        for instruction in instructions {
            let upper = instruction.keyword.to_uppercase();
            if matches!(upper.as_str(), "RUN" | "COPY" | "ADD" | "FROM" | "ARG" | "SHELL" | "MAINTAINER" | "STOPSIGNAL")
            {
                return Err(format!("{upper} is not a valid change command"));
            }
            let env = environment(&image.config);
            apply(&mut image.config, &instruction, &Scope { env: &env, escape: '\\' })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(text: &str) -> (ImageConfig, Result<Option<String>, String>) {
        let mut config = ImageConfig { env: Some(vec!["A=1".into()]), ..ImageConfig::default() };
        let instruction = dockerfile::parse_instructions(text).unwrap().remove(0);
        let env = environment(&config);
        let shown = apply(&mut config, &instruction, &Scope { env: &env, escape: '\\' });
        (config, shown)
    }

    #[test]
    fn the_history_is_worded_as_buildkit_words_it() {
        for (text, wanted) in [
            ("ENV B=$A C=\"x y\"", "ENV B=1 C=x y"),
            ("CMD [\"cat\", \"/x\"]", "CMD [\"cat\" \"/x\"]"),
            ("CMD echo hi", "CMD [\"/bin/sh\" \"-c\" \"echo hi\"]"),
            ("EXPOSE 8080 53/udp", "EXPOSE [53/udp 8080/tcp]"),
            ("VOLUME /data", "VOLUME [/data]"),
            ("WORKDIR app", "WORKDIR /app"),
            (
                "HEALTHCHECK --interval=5s CMD true",
                "HEALTHCHECK &{[\"CMD-SHELL\" \"true\"] \"5s\" \"0s\" \"0s\" \"0s\" '\\x00'}",
            ),
        ] {
            assert_eq!(applied(text).1, Ok(Some(wanted.to_string())));
        }
    }

    #[test]
    fn bad_values_are_refused() {
        assert_eq!(applied("EXPOSE abc").1, Err("invalid containerPort: abc".into()));
        assert_eq!(applied("EXPOSE 99999").1, Err("invalid containerPort: 99999".into()));
        assert_eq!(applied("STOPSIGNAL FOO").1, Err("invalid signal: FOO".into()));
    }
}
