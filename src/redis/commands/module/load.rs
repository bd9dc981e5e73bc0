//! MODULE LOAD path [arg [...]]
//!
//! Modules are programs for the original's own processor: none can be loaded here.

use super::super::prelude::*;
use crate::server::Server;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "module|load",
    arity: -3,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::NO_ASYNC_LOADING | flag::PROTECTED,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Loads a module.",
        since: "4.0.0",
        group: "server",
        complexity: "O(1)",
        args: "path:s arg:s?*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    refuse(cx)
}

/// MODULE LOAD and MODULE LOADEX.
pub(super) fn refuse(cx: &mut Cx<'_>) -> Res {
    let path = String::from_utf8_lossy(cx.arg(2)).into_owned();
    cx.s.refuse_module(&path);
    Err("ERR Error loading the extension. Please check the server logs.".into())
}

impl Server {
    /// Says in the log why a module can't be loaded.
    pub(crate) fn refuse_module(&mut self, path: &str) {
        let reason = match self.host.read_file(path) {
            Ok(Some(_)) if !self.host.can_execute(path) => "It does not have execute permissions.".to_owned(),
            Ok(Some(_)) if path.contains('/') => "drydock: modules are not emulated here".to_owned(),
            // A name alone is looked for among the system's libraries.
            Ok(_) => format!("{path}: cannot open shared object file: No such file or directory"),
            Err(error) if error == "Is a directory" => format!("{path}: cannot read file data: {error}"),
            Err(error) => format!("{path}: cannot open shared object file: {error}"),
        };
        self.warn(&format!("Module {path} failed to load: {reason}"));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    #[test]
    fn the_log_says_why_it_can_not_be_loaded() {
        let mut bench = Bench::start("enable-module-command yes\n");
        bench.world.borrow_mut().files.insert("/there.so".to_owned(), b"x".to_vec());
        for path in ["/nosuch.so", "/there.so"] {
            let reply = bench.run(&format!("MODULE LOAD {path}"));
            assert_eq!(reply, "ERR Error loading the extension. Please check the server logs.");
        }
        let log = bench.world.borrow().log.join("\n");
        let missing = "/nosuch.so: cannot open shared object file: No such file or directory";
        assert!(log.contains(&format!("Module /nosuch.so failed to load: {missing}")), "{log}");
        assert!(log.contains("Module /there.so failed to load: drydock: modules are not emulated here"), "{log}");
    }
}
