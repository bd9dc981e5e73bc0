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

/// What is wrong with a manifest.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Flaw {
    /// The line and its number, where it is one line's fault.
    pub line: Option<(usize, String)>,
    /// What.
    pub reason: &'static str,
}

impl Flaw {
    /// The lines of the log that tell it.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec!["\n*** FATAL AOF MANIFEST FILE ERROR ***\n".to_owned()];
        if let Some((n, line)) = &self.line {
            lines.push(format!("Reading the manifest file, at line {n}\n"));
            lines.push(format!(">>> '{line}'\n"));
        }
        lines.push(format!("{}\n", self.reason));
        lines
    }
}

const FORMAT: &str = "Invalid AOF manifest file format";

/// Reads a manifest.
pub(super) fn read(text: &[u8]) -> Result<Vec<Listed>, Flaw> {
    const LONGEST: usize = 1024;
    let whole = |reason| Flaw { line: None, reason };
    if text.is_empty() {
        return Err(whole("Found an empty AOF manifest"));
    }
    let mut list: Vec<Listed> = Vec::new();
    for (n, line) in text.split_inclusive(|c| *c == b'\n').enumerate() {
        if line.starts_with(b"#") {
            continue;
        }
        if line.len() > LONGEST || !line.ends_with(b"\n") {
            return Err(whole("The AOF manifest file contains too long line"));
        }
        let line = line.trim_ascii();
        let flaw = |reason| Flaw { line: Some((n + 1, String::from_utf8_lossy(line).into_owned())), reason };
        let listed = read_line(line).map_err(flaw)?;
        let last = list.iter().rfind(|l| l.kind == Kind::Growing).map_or(0, |l| l.seq);
        match listed.kind {
            Kind::Base if list.iter().any(|l| l.kind == Kind::Base) => {
                return Err(flaw("Found duplicate base file information"));
            }
            Kind::Growing if listed.seq <= last => return Err(flaw("Found a non-monotonic sequence number")),
            _ => list.push(listed),
        }
    }
    Ok(list)
}

fn read_line(line: &[u8]) -> Result<Listed, &'static str> {
    let words =
        resp::split_args(line).filter(|words| words.len() >= 6 && words.len().is_multiple_of(2)).ok_or(FORMAT)?;
    let (mut file, mut kind) = (String::new(), None);
    let (mut seq, mut start, mut end) = (0, None, None);
    for pair in words.chunks_exact(2) {
        let value = String::from_utf8_lossy(&pair[1]).into_owned();
        match pair[0].to_ascii_lowercase().as_slice() {
            b"file" if value.contains(['/', '\\']) => return Err("File can't be a path, just a filename"),
            b"file" => file = value,
            b"seq" => seq = value.parse().unwrap_or(0),
            b"type" => kind = value.bytes().next(),
            b"startoffset" => start = value.parse().ok(),
            b"endoffset" => end = value.parse().ok(),
            _ => {}
        }
    }
    let kind = kind.filter(|_| !file.is_empty() && seq > 0).ok_or(FORMAT)?;
    let kind = match kind {
        b'b' => Kind::Base,
        b'i' => Kind::Growing,
        b'h' => Kind::History,
        _ => return Err("Unknown AOF file type"),
    };
    Ok(Listed { file, seq, kind, start, end })
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
        let list = read(text.as_bytes()).expect("a manifest");
        assert_eq!((list[1].file.as_str(), list[1].seq, list[1].kind), ("a b", 2, Kind::Growing));
        assert_eq!(list.iter().map(super::Listed::line).collect::<String>(), text);
    }

    #[test]
    fn a_manifest_is_read_strictly() {
        let reason = |text: &str| read(text.as_bytes()).expect_err(text).reason;
        assert_eq!(reason(""), "Found an empty AOF manifest");
        assert_eq!(reason("file ../x seq 1 type b\n"), "File can't be a path, just a filename");
        assert_eq!(reason("file x seq 1 type b"), "The AOF manifest file contains too long line");
        assert_eq!(reason("file x seq 1\n"), super::FORMAT);
        assert_eq!(reason("file x seq 1 type b\n\n"), super::FORMAT);
        assert_eq!(reason("file x seq 1 type b more\n"), super::FORMAT);
        assert_eq!(reason("file x seq 1 type z\n"), "Unknown AOF file type");
        assert_eq!(reason("file x seq 1 type b\nfile y seq 2 type b\n"), "Found duplicate base file information");
        assert_eq!(reason("file x seq 2 type i\nfile y seq 1 type i\n"), "Found a non-monotonic sequence number");
    }
}
