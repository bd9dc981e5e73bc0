//! Installs what the page's build and its tests need, at pinned versions, and only what is missing.

use crate::run::{Failure, Step, output_of};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

const TRUNK: &str = "0.21.14";
const WASM: &str = "wasm32-unknown-unknown";
/// What Debian calls the browser, and fonts with Hangul.
const DEBIAN_PACKAGES: [&str; 2] = ["chromium", "fonts-noto-cjk"];
const DEBIAN_FONT: &str = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";
const BROWSERS: [&str; 6] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge"];
const BROWSERS_ELSEWHERE: [&str; 3] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
];

/// The checkout, and how it is set up.
pub struct Setup {
    root: PathBuf,
    offline: bool,
}

impl Setup {
    /// A set-up of the checkout at `root`.
    pub fn new(root: PathBuf, offline: bool) -> Setup {
        Setup { root, offline }
    }

    /// The checkout.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the built page lies.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// True where the network is out of bounds.
    pub fn offline(&self) -> bool {
        self.offline
    }

    /// Where the pinned tools lie.
    pub fn tools(&self) -> PathBuf {
        self.root.join(".tools")
    }

    /// Where Cargo puts what it builds here, such as the `bindgen` room's wasm-bindgen: beside this very program.
    fn built_folder(&self) -> Option<PathBuf> {
        std::env::current_exe().ok()?.parent().map(Path::to_owned)
    }

    /// Cargo's target folder: this very program lies one level below it.
    pub fn target(&self) -> Result<PathBuf, Failure> {
        let folder = self.built_folder().and_then(|folder| folder.parent().map(Path::to_owned));
        folder.ok_or_else(|| Failure("Cargo's target folder is not where this program lies".to_owned()))
    }

    /// A program that Cargo has built here.
    pub fn built(&self, program: &str) -> PathBuf {
        self.built_folder().unwrap_or_default().join(format!("{program}{}", std::env::consts::EXE_SUFFIX))
    }

    /// The search path: the pinned tools first.
    pub fn path(&self) -> OsString {
        let own = [self.built_folder(), Some(self.tools().join("bin")), Some(self.root.join("node_modules/.bin"))];
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let all = own.into_iter().flatten().chain(std::env::split_paths(&inherited));
        std::env::join_paths(all).unwrap_or(inherited)
    }

    /// A program, run at the root of the checkout with the pinned tools on its path.
    pub fn command(&self, program: &str) -> Command {
        // Windows finds `npm.cmd` only by its whole name.
        let found = find(program, &self.path()).unwrap_or_else(|| program.into());
        let mut command = Command::new(found);
        command.current_dir(&self.root).env("PATH", self.path());
        command
    }

    /// A command of Cargo's.
    pub fn cargo(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = self.command("cargo");
        command.arg(name).args(self.offline.then_some("--offline")).args(arguments);
        command
    }

    /// An error where the network is out of bounds.
    pub fn online(&self, what: &str) -> Result<(), Failure> {
        if self.offline {
            Err(Failure(format!("{what} is missing, and --offline forbids fetching it")))
        } else {
            Ok(())
        }
    }

    /// What building the page needs.
    pub fn page(&self) -> Result<(), Failure> {
        self.wasm_target()?;
        self.node()?;
        self.npm_packages()?;
        self.trunk()?;
        self.commands()
    }

    fn wasm_target(&self) -> Result<(), Failure> {
        let library = output_of(self.command("rustc").args(["--print", "target-libdir", "--target", WASM]));
        if library.is_some_and(|folder| Path::new(&folder).is_dir()) {
            return Ok(());
        }
        self.online("Rust's wasm target")?;
        Step::new("install Rust's wasm target").run(self.command("rustup").args(["target", "add", WASM]))
    }

    fn node(&self) -> Result<(), Failure> {
        let version = output_of(self.command("node").arg("--version")).unwrap_or_default();
        let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
        if major.is_some_and(|major| major >= 20) {
            return Ok(());
        }
        Err(Failure(
            "Node.js 20 or later with npm is needed: install it, from nodejs.org or your system's packages".to_owned(),
        ))
    }

    /// `npm ci`, unless the folder was filled from this very lock file.
    fn npm_packages(&self) -> Result<(), Failure> {
        let read = |path: PathBuf| std::fs::read(path).ok();
        let lock = read(self.root.join("package-lock.json"));
        let mark = self.root.join("node_modules/.installed-lock.json");
        if lock.is_some() && lock == read(mark.clone()) {
            return Ok(());
        }
        self.online("an npm package")?;
        Step::new("install the npm packages").run(self.command("npm").args(["ci", "--no-audit", "--no-fund"]))?;
        std::fs::write(&mark, lock.unwrap_or_default()).map_err(|error| Failure(format!("{}: {error}", mark.display())))
    }

    fn trunk(&self) -> Result<(), Failure> {
        if output_of(self.command("trunk").arg("--version")).as_deref() == Some(&format!("trunk {TRUNK}")) {
            return Ok(());
        }
        self.online("Trunk")?;
        let target = self.tools().join("target");
        Step::new(format!("install Trunk {TRUNK} into .tools (a few minutes, once)")).run(
            self.command("cargo")
                .args([
                    "install",
                    "--debug",
                    "--locked",
                    "--no-default-features",
                    "trunk",
                    "--version",
                    TRUNK,
                    "--root",
                ])
                .arg(self.tools())
                .env("CARGO_TARGET_DIR", &target),
        )?;
        // Only the binary is of use from now on; a folder that stays costs nothing but room.
        let _ = std::fs::remove_dir_all(target);
        Ok(())
    }

    /// The build's own commands: wasm-bindgen of the locked version, and the splitter. Cargo knows whether there is
    /// anything to do.
    fn commands(&self) -> Result<(), Failure> {
        let mut build = self.cargo("build", &["--quiet", "--locked", "-p", "bindgen", "-p", "splitter"]);
        if self.built("wasm-bindgen").exists() && self.built("split-module").exists() {
            return build
                .status()
                .ok()
                .filter(|status| status.success())
                .map(drop)
                .ok_or_else(|| Failure("wasm-bindgen or the splitter does not build".to_owned()));
        }
        Step::new("build wasm-bindgen's command and the splitter").run(&mut build)
    }

    /// The browser for the tests: the one that is there, else Debian's, where this may install it.
    pub fn browser(&self) -> Result<PathBuf, Failure> {
        let found = self.find_browser();
        let debian = cfg!(target_os = "linux") && find("apt-get", &self.path()).is_some() && is_root();
        if !debian || self.offline || (found.is_some() && Path::new(DEBIAN_FONT).exists()) {
            return found.ok_or_else(|| {
                Failure(
                    "a browser is needed for the tests: install Chromium or Chrome, or name one in DRYDOCK_BROWSER"
                        .to_owned(),
                )
            });
        }
        let step = Step::new("install Chromium and fonts");
        let apt = |arguments: &[&str]| {
            let mut command = self.command("apt-get");
            command.env("DEBIAN_FRONTEND", "noninteractive").arg("-qq").args(arguments);
            command
        };
        // Lists that are there may be enough; they are fetched only where the packages cannot be found.
        let install: Vec<&str> =
            ["install", "-y", "--no-install-recommends"].into_iter().chain(DEBIAN_PACKAGES).collect();
        if output_of(&mut apt(&install)).is_none() {
            output_of(&mut apt(&["update"])).ok_or_else(|| Failure("apt-get update failed".to_owned()))?;
            output_of(&mut apt(&install))
                .ok_or_else(|| Failure(format!("apt-get could not install {}", DEBIAN_PACKAGES.join(" and "))))?;
        }
        step.done();
        self.find_browser().ok_or_else(|| Failure("Debian's chromium is installed, and still not found".to_owned()))
    }

    fn find_browser(&self) -> Option<PathBuf> {
        let named = std::env::var_os("DRYDOCK_BROWSER").map(PathBuf::from);
        let on_path = || BROWSERS.iter().find_map(|name| find(name, &self.path()));
        let elsewhere = || BROWSERS_ELSEWHERE.iter().map(PathBuf::from).find(|path| path.exists());
        named.or_else(on_path).or_else(elsewhere)
    }
}

/// The file that a program's name means.
pub fn find(program: &str, path: &OsString) -> Option<PathBuf> {
    let endings: &[&str] = if cfg!(windows) { &[".exe", ".cmd"] } else { &[""] };
    let candidates = std::env::split_paths(path)
        .flat_map(|folder| endings.iter().map(move |ending| folder.join(format!("{program}{ending}"))));
    candidates.into_iter().find(|candidate| candidate.is_file())
}

fn is_root() -> bool {
    output_of(Command::new("id").arg("-u")).as_deref() == Some("0")
}
