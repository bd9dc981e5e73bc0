//! The command line.

use playground::{BootOptions, HostKind};

/// What was asked for.
pub struct Options {
    /// How the world begins.
    pub boot: BootOptions,
    /// Arguments that are no options.
    pub rest: Vec<String>,
}

/// Reads options; exactly `wanted` other arguments.
pub fn parse(args: &[String], wanted: usize) -> Result<Options, String> {
    let mut options = Options { boot: BootOptions::default(), rest: Vec::new() };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let (name, value) = match arg.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_string())),
            _ => (arg.as_str(), None),
        };
        let mut value = || value.clone().or_else(|| args.next().cloned()).ok_or(format!("{name} wants a value"));
        match name {
            "--seed" => {
                let text = value()?;
                options.boot.seed = text.parse().map_err(|_| format!("--seed {text}: not a number"))?;
            }
            "--host" => match value()?.as_str() {
                "linux" => options.boot.host = HostKind::Linux,
                "windows" => return Err("a Windows host is not emulated here yet".into()),
                other => return Err(format!("--host {other}: linux or windows")),
            },
            _ if name.starts_with("--") => return Err(format!("unknown option {name}; try drydock --help")),
            _ => options.rest.push(arg.clone()),
        }
    }
    match options.rest.len() {
        n if n == wanted => Ok(options),
        n if n > wanted => Err(format!("unexpected argument {:?}; try drydock --help", options.rest[wanted])),
        _ => Err("an argument is missing; try drydock --help".into()),
    }
}
