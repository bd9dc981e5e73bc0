//! `cd`

use super::{Builtin, builtin};
use crate::Flavour;
use crate::shell::{Eval, Shell};
use machine::Errno;

pub const BUILTIN: Builtin =
    builtin!("cd", "cd [-L|[-P [-e]] [-@]] [dir]", "Change the shell working directory.", false, All, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "LPe@").await else { return Ok(2) };
    let physical = options.given.iter().rev().find(|(o, _)| matches!(o, 'L' | 'P')).is_some_and(|(o, _)| *o == 'P');
    if options.operands.len() > 1 && shell.is_bash() {
        shell.builtin_error(name, "too many arguments").await;
        return Ok(1);
    }
    let (target, mut show) = match options.operands.first().map(String::as_str) {
        None => match shell.vars.text("HOME") {
            Some(home) => (home.to_string(), false),
            None => {
                shell.builtin_error(name, "HOME not set").await;
                return Ok(1);
            }
        },
        Some("-") => match shell.vars.text("OLDPWD") {
            Some(old) => (old.to_string(), true),
            None => {
                shell.builtin_error(name, "OLDPWD not set").await;
                return Ok(1);
            }
        },
        Some(path) => (path.to_string(), false),
    };
    let mut path = target.clone();
    if !target.starts_with('/') && !matches!(target.split('/').next(), Some("." | "..")) {
        let prefixes = shell.vars.text("CDPATH").unwrap_or("").to_string();
        for prefix in prefixes.split(':').filter(|prefix| !prefix.is_empty()) {
            let candidate = format!("{}/{target}", prefix.trim_end_matches('/'));
            if shell.is_directory(&candidate) {
                path = candidate;
                show = true;
                break;
            }
        }
    }
    if let Err(error) = shell.change_directory(&path, physical || shell.settings.is_set("physical")) {
        return Ok(failed(shell, name, &target, error).await);
    }
    if show {
        let shown = format!("{}\n", shell.cwd);
        return Ok(shell.print_from(name, &shown).await);
    }
    Ok(0)
}

async fn failed(shell: &mut Shell, name: &str, target: &str, error: Errno) -> i32 {
    let (message, status) = match shell.flavour {
        Flavour::Bash => (format!("{target}: {}", error.message()), 1),
        Flavour::Dash => (format!("can't cd to {target}"), 2),
        Flavour::Ash => (format!("can't cd to {target}: {}", error.message()), 2),
    };
    shell.builtin_error(name, message).await;
    status
}

impl Shell {
    /// Changes the working directory, with `PWD` and `OLDPWD`.
    pub fn change_directory(&mut self, path: &str, physical: bool) -> Result<(), Errno> {
        if path.is_empty() {
            return Ok(());
        }
        let logical = join(&self.cwd, path);
        let target = if physical { path } else { &logical };
        match self.sys.chdir(target) {
            Ok(()) => {}
            // The directory we are in may have gone while a relative path still leads somewhere.
            Err(_) if !physical && self.sys.chdir(path).is_ok() => {}
            Err(error) => return Err(error),
        }
        let new = if physical { self.sys.getcwd().unwrap_or(logical) } else { logical };
        let old = std::mem::replace(&mut self.cwd, new.clone());
        self.vars.put("OLDPWD", old);
        self.vars.put("PWD", new);
        Ok(())
    }
}

/// The path seen from a directory, with `.` and `..` taken out.
pub fn join(base: &str, path: &str) -> String {
    let all = if path.starts_with('/') { path.to_string() } else { format!("{base}/{path}") };
    let mut pieces: Vec<&str> = Vec::new();
    for piece in all.split('/') {
        match piece {
            "" | "." => {}
            ".." => {
                pieces.pop();
            }
            piece => pieces.push(piece),
        }
    }
    format!("/{}", pieces.join("/"))
}
