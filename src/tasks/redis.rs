//! A real redis-server to compare with, and Redis's own test suite: Debian's newest packages, unpacked into .tools
//! beside the system, with their own loader. Nothing is installed.

use crate::run::{Failure, Step, output_of};
use crate::setup::{Setup, find};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
/// What holds the programs, and the libraries they were linked with.
const PROGRAMS: [&str; 2] = ["redis-server", "redis-tools"];
const LIBRARIES: [&str; 11] = [
    "libc6",
    "libjemalloc2",
    "liblzf1",
    "libssl3t64",
    "libsystemd0",
    "libatomic1",
    "libstdc++6",
    "libgcc-s1",
    "libcap2",
    "libzstd1",
    "zlib1g",
];
const WRAPPED: [&str; 3] = ["redis-server", "redis-cli", "redis-benchmark"];
/// The suites that have them.
const NEWEST: &str = "experimental";
const NEXT: &str = "forky";

/// Where it all lies.
pub struct Redis<'a> {
    setup: &'a Setup,
    home: PathBuf,
}

impl Redis<'_> {
    /// The real Redis of a checkout.
    pub fn new(setup: &Setup) -> Redis<'_> {
        Redis { setup, home: setup.tools().join("redis") }
    }

    /// One of its programs, if it was fetched.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        Some(self.home.join("bin").join(name)).filter(|path| path.is_file())
    }

    /// Fetches the programs, where this is Debian and there is a network. Without them tests are skipped, which is no
    /// failure.
    pub fn programs(&self) {
        if self.program("redis-server").is_some() {
            return;
        }
        if let Err(Failure(why)) = self.fetch_programs() {
            println!("! no real redis-server to compare with: {why}");
        }
    }

    fn fetch_programs(&self) -> Result<(), Failure> {
        let apt = self.apt()?;
        let step = Step::new("fetch a real redis-server into .tools");
        let debs = self.home.join("debs");
        create(&debs)?;
        let newest = PROGRAMS.iter().map(|name| format!("{name}/{NEWEST}"));
        let wanted: Vec<String> = newest.chain(LIBRARIES.iter().map(|name| format!("{name}/{NEXT}"))).collect();
        quiet(apt.command("apt-get").current_dir(&debs).args(["-qq", "download"]).args(&wanted))?;
        let root = self.home.join("root");
        for deb in files(&debs)?.iter().filter(|path| path.extension() == Some(OsStr::new("deb"))) {
            quiet(Command::new("dpkg").arg("-x").arg(deb).arg(&root))?;
        }
        let unfinished = self.home.join("bin.new");
        create(&unfinished)?;
        for name in WRAPPED {
            write(&unfinished.join(name), wrapper(&root, name).as_bytes())?;
            quiet(Command::new("chmod").arg("755").arg(unfinished.join(name)))?;
        }
        quiet(Command::new(unfinished.join("redis-server")).arg("--version"))?;
        // Last, so that a set-up that was interrupted begins anew.
        fs::rename(&unfinished, self.home.join("bin")).map_err(|error| Failure(error.to_string()))?;
        let _ = fs::remove_dir_all(&debs);
        step.done();
        Ok(())
    }

    /// The folder of Redis's source with its tests: the one named in `DRYDOCK_REDIS_SOURCE`, else Debian's.
    pub fn source(&self) -> Result<PathBuf, Failure> {
        if let Some(named) = std::env::var_os("DRYDOCK_REDIS_SOURCE") {
            return Ok(named.into());
        }
        let source = self.home.join("source");
        if source.join("runtest").is_file() {
            return Ok(source);
        }
        let apt = self.apt()?;
        let step = Step::new("fetch Redis's source with its tests into .tools");
        let (packed, unfinished) = (self.home.join("packed"), self.home.join("source.new"));
        let _ = fs::remove_dir_all(&packed);
        let _ = fs::remove_dir_all(&unfinished);
        create(&packed)?;
        create(&unfinished)?;
        let package = format!("redis/{NEWEST}");
        quiet(apt.command("apt-get").current_dir(&packed).args(["-qq", "source", "--download-only"]).arg(package))?;
        let is_original = |path: &&PathBuf| path.to_string_lossy().contains(".orig.tar");
        let list = files(&packed)?;
        let original = list.iter().find(is_original).ok_or_else(|| Failure("no original source came".to_owned()))?;
        quiet(Command::new("tar").arg("-xf").arg(original).args(["--strip-components=1", "-C"]).arg(&unfinished))?;
        fs::rename(&unfinished, &source).map_err(|error| Failure(error.to_string()))?;
        let _ = fs::remove_dir_all(&packed);
        step.done();
        Ok(source)
    }

    /// An apt of its own: the machine's mirror, the suites that have what is wanted.
    fn apt(&self) -> Result<Apt, Failure> {
        let debian = cfg!(target_os = "linux") && find("apt-get", &self.setup.path()).is_some();
        if !debian || !cfg!(target_arch = "x86_64") || !Path::new(KEYRING).exists() {
            return Err(Failure("that needs Debian on x86-64".to_owned()));
        }
        self.setup.online("it")?;
        let mirror = mirror().ok_or_else(|| Failure("no Debian mirror in /etc/apt".to_owned()))?;
        let state = self.home.join("apt");
        for folder in ["state/lists/partial", "cache/archives/partial"] {
            create(&state.join(folder))?;
        }
        write(&state.join("state/status"), b"")?;
        let sources: Vec<String> = [("deb", NEXT), ("deb", NEWEST), ("deb-src", NEWEST)]
            .iter()
            .map(|(kind, suite)| format!("{kind} [signed-by={KEYRING}] {mirror} {suite} main\n"))
            .collect();
        write(&state.join("sources.list"), sources.concat().as_bytes())?;
        let folder = state.display();
        let config = format!(
            "Dir::State \"{folder}/state\"; Dir::State::status \"{folder}/state/status\"; Dir::Cache \"{folder}/cache\";\n\
             Dir::Etc::sourcelist \"{folder}/sources.list\"; Dir::Etc::sourceparts \"/dev/null\";\n\
             Dir::Etc::preferencesparts \"/dev/null\";\n"
        );
        let apt = Apt { config: state.join("apt.conf") };
        write(&apt.config, config.as_bytes())?;
        quiet(apt.command("apt-get").args(["-qq", "update"]))?;
        Ok(apt)
    }
}

/// apt with a configuration of its own.
struct Apt {
    config: PathBuf,
}

impl Apt {
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("APT_CONFIG", &self.config);
        command
    }
}

/// The Debian mirror that the machine is set up with.
fn mirror() -> Option<String> {
    let mut lists = vec![PathBuf::from("/etc/apt/sources.list")];
    lists.extend(files(Path::new("/etc/apt/sources.list.d")).unwrap_or_default());
    lists.iter().filter_map(|path| fs::read_to_string(path).ok()).find_map(|text| mirror_in(&text))
}

/// The address in a list of sources, of either format, that ends in `/debian`.
fn mirror_in(text: &str) -> Option<String> {
    let lines = text.lines().map(str::trim).filter(|line| line.starts_with("URIs:") || line.starts_with("deb "));
    let mut words = lines.flat_map(str::split_whitespace).map(|word| word.trim_end_matches('/'));
    words.find(|word| word.contains("://") && word.ends_with("/debian")).map(str::to_owned)
}

/// A script that starts a program of an unpacked root with that root's loader and libraries.
fn wrapper(root: &Path, name: &str) -> String {
    let root = root.display();
    format!(
        "#!/bin/sh\nL='{root}/usr/lib/x86_64-linux-gnu'\n\
         exec \"$L/ld-linux-x86-64.so.2\" --library-path \"$L\" '{root}/usr/bin/{name}' \"$@\"\n"
    )
}

fn create(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| Failure(format!("{}: {error}", folder.display())))
}

fn write(path: &Path, data: &[u8]) -> Result<(), Failure> {
    fs::write(path, data).map_err(|error| Failure(format!("{}: {error}", path.display())))
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(folder).map_err(|error| Failure(format!("{}: {error}", folder.display())))?;
    Ok(entries.flatten().map(|entry| entry.path()).collect())
}

/// Runs a program whose output concerns nobody unless it fails.
fn quiet(command: &mut Command) -> Result<(), Failure> {
    let name = command.get_program().to_string_lossy().into_owned();
    output_of(command).map(drop).ok_or_else(|| Failure(format!("{name} failed")))
}

#[cfg(test)]
mod tests {
    use super::mirror_in;

    #[test]
    fn the_mirror_is_found_in_either_format() {
        let old = "# a comment\ndeb [arch=amd64] http://mirror.example/debian/ stable main\n";
        let new = "Types: deb\nURIs: http://mirror.example/debian\nSuites: stable\n";
        assert_eq!(mirror_in(old).as_deref(), Some("http://mirror.example/debian"));
        assert_eq!(mirror_in(new), mirror_in(old));
        assert_eq!(mirror_in("deb http://mirror.example/debian-security stable main"), None);
    }
}
