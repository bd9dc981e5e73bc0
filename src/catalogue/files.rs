//! Lists of files, as layers and the host hold them.

use engine::registry::{LayerFile, LayerKind};
use machine::fs::FileContent;
use machine::program_file;

/// The program that says that something is not emulated.
pub const UNEMULATED: &str = "unemulated";

/// A growing list of files; folders come before what is in them.
#[derive(Default)]
pub struct Files {
    list: Vec<LayerFile>,
}

impl Files {
    /// Nothing yet.
    pub fn new() -> Files {
        Files::default()
    }

    /// The list.
    pub fn list(self) -> Vec<LayerFile> {
        self.list
    }

    fn add(&mut self, path: &str, kind: LayerKind, mode: u32) -> &mut Files {
        self.list.push(LayerFile { path: path.to_string(), kind, mode, uid: 0, gid: 0 });
        self
    }

    /// Who the file that was added last belongs to.
    pub fn owned(&mut self, uid: u32, gid: u32) -> &mut Files {
        if let Some(last) = self.list.last_mut() {
            (last.uid, last.gid) = (uid, gid);
        }
        self
    }

    /// Folders.
    pub fn dirs(&mut self, paths: &[&str]) -> &mut Files {
        for path in paths {
            self.add(path, LayerKind::Directory, 0o755);
        }
        self
    }

    /// A folder with a mode.
    pub fn dir(&mut self, path: &str, mode: u32) -> &mut Files {
        self.add(path, LayerKind::Directory, mode)
    }

    /// A text file.
    pub fn text(&mut self, path: &str, text: &'static str) -> &mut Files {
        self.add(path, LayerKind::File(text.as_bytes().into()), 0o644)
    }

    /// A text file with a mode.
    pub fn text_mode(&mut self, path: &str, text: &'static str, mode: u32) -> &mut Files {
        self.add(path, LayerKind::File(text.as_bytes().into()), mode)
    }

    /// A text file whose text is put together.
    pub fn made_text(&mut self, path: &str, text: String) -> &mut Files {
        self.add(path, LayerKind::File(text.into_bytes().into()), 0o644)
    }

    /// A file of which only the size matters: a library, a table.
    pub fn blob(&mut self, path: &str, size: u64) -> &mut Files {
        self.add(path, LayerKind::File(FileContent::default().padded_to(size)), 0o644)
    }

    /// A symbolic link.
    pub fn link(&mut self, path: &str, target: &str) -> &mut Files {
        self.add(path, LayerKind::Symlink(target.to_string()), 0o777)
    }

    /// An executable that runs one of our programs.
    pub fn program(&mut self, path: &str, name: &str, size: u64) -> &mut Files {
        self.program_of_version(path, name, "", size)
    }

    /// An executable that also carries the version that it is of.
    pub fn program_of_version(&mut self, path: &str, name: &str, version: &str, size: u64) -> &mut Files {
        let mut content = program_file(name);
        if !version.is_empty() {
            content.extend_from_slice(version.as_bytes());
            content.push(0);
        }
        self.add(path, LayerKind::File(FileContent::from(content).padded_to(size)), 0o755)
    }

    /// Executables in one folder, by name: ours where we have a utility of that name, else one that says it is
    /// not emulated.
    pub fn utilities(&mut self, folder: &str, names: &str) -> &mut Files {
        for name in names.split_whitespace() {
            let ours = coreutils::names().any(|n| n == name);
            let size = 20_000 + 1_500 * (name.bytes().map(u64::from).sum::<u64>() % 60);
            self.program(&format!("{folder}/{name}"), if ours { name } else { UNEMULATED }, size);
        }
        self
    }
}
