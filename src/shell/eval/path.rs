//! Finding programs, and running them.

use machine::fs::Access;
use machine::{Errno, ExitCode};

use crate::Flavour;
use crate::shell::{Eval, Shell, Unwind};

/// What PATH is where it is not set.
pub const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl Shell {
    /// The directories to look for programs in.
    pub fn search_path(&self) -> Vec<String> {
        let path = self.vars.text("PATH").unwrap_or("");
        path.split(':').map(|dir| if dir.is_empty() { "." } else { dir }.to_string()).collect()
    }

    fn is_executable(&self, path: &str) -> bool {
        let execute = Access { execute: true, ..Access::default() };
        self.sys.stat(path).is_ok_and(|attr| attr.is_file()) && self.sys.access(path, execute).is_ok()
    }

    /// All files of that name on PATH that can be run.
    pub fn find_all(&self, name: &str) -> Vec<String> {
        if name.contains('/') {
            return if self.is_executable(name) { vec![name.to_string()] } else { Vec::new() };
        }
        self.search_path()
            .iter()
            .map(|dir| format!("{}/{name}", dir.strip_suffix('/').unwrap_or(dir)))
            .filter(|path| self.is_executable(path))
            .collect()
    }

    /// The file that the name stands for: where none can be run, one that is there at least.
    pub fn find_program(&self, name: &str) -> Option<String> {
        if name.contains('/') {
            return Some(name.to_string());
        }
        if let Some((path, _)) = self.hash.get(name) {
            return Some(path.clone());
        }
        if self.vars.text("PATH").is_none_or(str::is_empty) {
            return Some(name.to_string());
        }
        let mut present = None;
        for dir in self.search_path() {
            let path = format!("{}/{name}", dir.strip_suffix('/').unwrap_or(&dir));
            if self.is_executable(&path) {
                return Some(path);
            }
            if present.is_none() && self.sys.stat(&path).is_ok_and(|attr| attr.is_file()) {
                present = Some(path);
            }
        }
        present
    }

    /// Remembers where a program was found.
    pub fn remember(&mut self, name: &str) {
        if name.contains('/') || !self.settings.is_set("hashall") {
            return;
        }
        if let Some((path, hits)) = self.hash.get_mut(name) {
            *hits += 1;
            let path = path.clone();
            if self.sys.stat(&path).is_ok() {
                return;
            }
            self.hash.remove(name);
        }
        if let Some(path) = self.find_program(name).filter(|path| self.is_executable(path)) {
            self.hash.insert(name.to_string(), (path, 1));
        }
    }

    /// Replaces this process by a program; comes back with the status of what went wrong, which was told.
    pub async fn exec_program(&mut self, arguments: &[String]) -> Eval {
        let Some(name) = arguments.first().cloned() else { return Ok(0) };
        if self.is_bash()
            && !self.hash.contains_key(&name)
            && !name.contains('/')
            && self.find_program(&name).is_none()
            && let Some(handler) = self.functions.get("command_not_found_handle").cloned()
        {
            let mut with_name = vec!["command_not_found_handle".to_string()];
            with_name.extend_from_slice(arguments);
            return self.call_function(handler, with_name).await;
        }
        let Some(path) = self.find_program(&name) else {
            return Ok(self.not_found(&name).await);
        };
        let mut env = self.vars.environment();
        env.retain(|entry| !entry.starts_with("_="));
        if self.is_bash() {
            env.push(format!("_={path}"));
        }
        let error = self.sys.execve(&path, arguments.to_vec(), env).await;
        if error == Errno::ENOEXEC {
            return self.run_as_script(&path, arguments).await;
        }
        Ok(self.exec_failed(&name, &path, error).await)
    }

    /// The message and status of a program that is not there.
    pub async fn not_found(&mut self, name: &str) -> i32 {
        let message = match self.flavour {
            Flavour::Bash => format!("{name}: command not found"),
            _ => format!("{name}: not found"),
        };
        self.error(message).await;
        127
    }

    /// The message and status of an `execve` that failed.
    pub async fn exec_failed(&mut self, name: &str, path: &str, error: Errno) -> i32 {
        let is_dir = self.is_directory(path);
        let (message, status) = match (self.flavour, error) {
            (Flavour::Bash, _) if is_dir => (format!("{name}: Is a directory"), 126),
            (Flavour::Bash, Errno::ENOENT) if self.sys.lstat(path).is_ok() => {
                (format!("{name}: cannot execute: required file not found"), 127)
            }
            (Flavour::Bash, Errno::ENOENT) => (format!("{name}: {}", error.message()), 127),
            (Flavour::Bash, Errno::ENOEXEC) => {
                (format!("{name}: cannot execute binary file: {}", error.message()), 126)
            }
            (Flavour::Bash, _) => (format!("{name}: {}", error.message()), 126),
            (_, Errno::ENOENT) => (format!("{name}: not found"), 127),
            (_, _) => (format!("{name}: {}", error.message()), 126),
        };
        self.error(message).await;
        status
    }

    /// A file that is no program and names no interpreter is a script for this shell.
    async fn run_as_script(&mut self, path: &str, arguments: &[String]) -> Eval {
        let Ok(bytes) = self.sys.read_file(path) else {
            return Ok(self.exec_failed(path, path, Errno::EACCES).await);
        };
        let first_line = bytes.split(|&b| b == b'\n').next().unwrap_or(&[]);
        if first_line.contains(&0) {
            return Ok(self.exec_failed(path, path, Errno::ENOEXEC).await);
        }
        let environment = self.vars.environment();
        let mut shell = Shell::new(self.sys.clone(), self.flavour, path.to_string());
        shell.pid = self.sys.getpid();
        shell.import_environment(&environment);
        shell.params = std::rc::Rc::new(arguments.iter().skip(1).cloned().collect());
        let text = machine::text::from_bytes(&bytes);
        let source = crate::report::SourceName::File(path.to_string());
        let status = Box::pin(shell.run_to_end(&text, &source)).await;
        let never = self.sys.exit(ExitCode::from(status)).await;
        match never {}
    }

    /// As the last thing a shell does: the status that an unwinding leaves.
    pub fn status_of(&self, result: Eval) -> i32 {
        match result {
            Ok(status) => status,
            Err(Unwind::Break(_) | Unwind::Continue(_)) => self.status,
            Err(other) => other.into(),
        }
    }
}
