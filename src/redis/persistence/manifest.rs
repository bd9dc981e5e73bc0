//! The manifest of the append only file: which files it consists of.

use super::aof::Aof;
use crate::config;
use crate::server::Server;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The data as they were when it was made.
    Base,
    /// What changed since.
    Growing,
    /// Of no use any more: it waits to be removed.
    History,
}

/// A line of the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub file: String,
    pub seq: u64,
    pub kind: Kind,
    /// The offsets of replication at which a growing file begins and ends, where known.
    pub start: Option<i64>,
    pub end: Option<i64>,
}

/// Reads a manifest; `None` where it is not one.
pub(super) fn read(text: &str) -> Option<Vec<Listed>> {
    let mut list = Vec::new();
    for line in text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let words = resp::split_args(line.as_bytes())?;
        let mut listed = Listed { file: String::new(), seq: 0, kind: Kind::History, start: None, end: None };
        for pair in words.chunks(2) {
            let [name, value] = pair else { return None };
            let value = String::from_utf8_lossy(value).into_owned();
            match name.as_slice() {
                b"file" => listed.file = value,
                b"seq" => listed.seq = value.parse().ok()?,
                b"type" => {
                    listed.kind = match value.as_str() {
                        "b" => Kind::Base,
                        "i" => Kind::Growing,
                        "h" => Kind::History,
                        _ => return None,
                    }
                }
                b"startoffset" => listed.start = Some(value.parse().ok()?),
                b"endoffset" => listed.end = Some(value.parse().ok()?),
                _ => {}
            }
        }
        if listed.file.is_empty() || listed.file.contains('/') {
            return None;
        }
        list.push(listed);
    }
    Some(list)
}

impl Listed {
    fn line(&self) -> String {
        let plain = self.file.bytes().all(|c| c.is_ascii_graphic() && !matches!(c, b'"' | b'\'' | b'\\'));
        let file = if plain { self.file.clone() } else { resp::repr(self.file.as_bytes()) };
        let kind = match self.kind {
            Kind::Base => 'b',
            Kind::Growing => 'i',
            Kind::History => 'h',
        };
        let mut line = format!("file {file} seq {} type {kind}", self.seq);
        for (name, offset) in [("startoffset", self.start), ("endoffset", self.end)] {
            if let Some(offset) = offset {
                line += &format!(" {name} {offset}");
            }
        }
        line + "\n"
    }
}

impl Aof {
    fn manifest(&self) -> String {
        self.base.iter().chain(&self.growing).map(Listed::line).collect()
    }
}

impl Server {
    /// The name that the files of the append only file begin with.
    pub(super) fn aof_name(&self) -> String {
        self.config.text(config::APPENDFILENAME).to_owned()
    }

    /// Where a file of it lies.
    pub(super) fn aof_path(&self, file: &str) -> String {
        format!("{}/{file}", self.config.text(config::APPENDDIRNAME))
    }

    /// Where the manifest lies.
    pub(super) fn manifest_path(&self) -> String {
        self.aof_path(&format!("{}.manifest", self.aof_name()))
    }

    /// The next base: a snapshot, or commands.
    pub(super) fn next_base(&self, snapshot: bool) -> Listed {
        let seq = self.persist.aof.last_base + 1;
        let file = format!("{}.{seq}.base.{}", self.aof_name(), if snapshot { "rdb" } else { "aof" });
        Listed { file, seq, kind: Kind::Base, start: None, end: None }
    }

    /// The next growing file.
    pub(super) fn next_growing(&self) -> Listed {
        let seq = self.persist.aof.last_growing + 1;
        let file = format!("{}.{seq}.incr.aof", self.aof_name());
        Listed { file, seq, kind: Kind::Growing, start: Some(self.repl.offset), end: None }
    }

    /// Writes which files there are. False (after a line in the log) where that fails.
    pub(super) fn write_manifest(&mut self) -> bool {
        let (path, text) = (self.manifest_path(), self.persist.aof.manifest());
        if let Err(error) = self.host.write_file(&path, text.as_bytes()) {
            self.warn(&format!("Fail to open the AOF manifest file {path}: {error}"));
            return false;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, read};

    #[test]
    fn manifests_are_read() {
        let text = "file a.1.base.rdb seq 1 type b\nfile \"a b\" seq 2 type i startoffset 7\n";
        let list = read(text).expect("a manifest");
        assert_eq!((list[1].file.as_str(), list[1].seq, list[1].kind), ("a b", 2, Kind::Growing));
        assert_eq!(list.iter().map(super::Listed::line).collect::<String>(), text);
        assert!(read("file ../x seq 1 type b").is_none());
    }
}
