//! The ustar format with GNU and pax long names. Source: POSIX.1-2017, pax; GNU tar's `L` and `K`.

const BLOCK: usize = 512;
const NAME: usize = 100;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A hard link.
    Hardlink,
    /// Anything else.
    Other,
}

/// One member of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
    /// Permission bits.
    pub mode: u32,
    /// Owner and group.
    pub owner: (u32, u32),
    /// Seconds since 1970.
    pub mtime: i64,
    /// A link's target.
    pub target: String,
    /// A file's content.
    pub data: Vec<u8>,
}

/// Whether data begins like an archive.
pub fn is_tar(data: &[u8]) -> bool {
    data.get(257..262) == Some(b"ustar") || data.len() >= 2 * BLOCK && data.iter().take(2 * BLOCK).all(|b| *b == 0)
}

/// Writes an archive.
#[derive(Default)]
pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// Adds a member.
    pub fn add(&mut self, entry: &Entry) {
        let path = match entry.kind {
            EntryKind::Directory if !entry.path.ends_with('/') => format!("{}/", entry.path),
            _ => entry.path.clone(),
        };
        let (kind, data): (u8, &[u8]) = match entry.kind {
            EntryKind::Directory => (b'5', &[]),
            EntryKind::Symlink => (b'2', &[]),
            EntryKind::Hardlink => (b'1', &[]),
            EntryKind::File | EntryKind::Other => (b'0', &entry.data),
        };
        let name = machine::text::to_bytes(&path);
        let target = machine::text::to_bytes(&entry.target);
        self.long(b'L', &name);
        self.long(b'K', &target);
        self.header(&name, &target, kind, entry, data.len());
        self.data(data);
    }

    /// The archive.
    pub fn finish(mut self) -> Vec<u8> {
        self.out.extend_from_slice(&[0; 2 * BLOCK]);
        self.out
    }

    fn long(&mut self, kind: u8, text: &[u8]) {
        if text.len() < NAME {
            return;
        }
        let mut data = text.to_vec();
        data.push(0);
        let plain = Entry {
            path: String::new(),
            kind: EntryKind::File,
            mode: 0,
            owner: (0, 0),
            mtime: 0,
            target: String::new(),
            data: Vec::new(),
        };
        self.header(b"././@LongLink", b"", kind, &plain, data.len());
        self.data(&data);
    }

    fn header(&mut self, name: &[u8], target: &[u8], kind: u8, entry: &Entry, size: usize) {
        let mut block = [0u8; BLOCK];
        let mut put = |at: usize, bytes: &[u8]| {
            for (slot, byte) in block.iter_mut().skip(at).zip(bytes) {
                *slot = *byte;
            }
        };
        put(0, name.get(..NAME).unwrap_or(name));
        put(100, format!("{:07o}", entry.mode & 0o7777).as_bytes());
        put(108, format!("{:07o}", entry.owner.0).as_bytes());
        put(116, format!("{:07o}", entry.owner.1).as_bytes());
        put(124, format!("{size:011o}").as_bytes());
        put(136, format!("{:011o}", entry.mtime.max(0)).as_bytes());
        put(148, b"        ");
        put(156, &[kind]);
        put(157, target.get(..NAME).unwrap_or(target));
        put(257, b"ustar\x0000");
        let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
        for (slot, byte) in block.iter_mut().skip(148).zip(format!("{sum:06o}\0 ").bytes()) {
            *slot = byte;
        }
        self.out.extend_from_slice(&block);
    }

    fn data(&mut self, data: &[u8]) {
        self.out.extend_from_slice(data);
        let rest = data.len() % BLOCK;
        if rest > 0 {
            self.out.resize(self.out.len() + BLOCK - rest, 0);
        }
    }
}

/// Reads an archive member by member.
pub struct Reader<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Over a whole archive.
    pub fn new(data: &'a [u8]) -> Reader<'a> {
        Reader { data, at: 0 }
    }

    fn take(&mut self, size: usize) -> Option<&'a [u8]> {
        let data = self.data.get(self.at..self.at.checked_add(size)?)?;
        self.at += size.next_multiple_of(BLOCK);
        Some(data)
    }
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|b| *b == 0).unwrap_or(field.len());
    machine::text::from_bytes(field.get(..end).unwrap_or(&[]))
}

fn octal(field: &[u8]) -> Option<u64> {
    if field.first().is_some_and(|b| b & 0x80 != 0) {
        return field.iter().skip(1).try_fold(0u64, |n, b| n.checked_mul(256)?.checked_add(u64::from(*b)));
    }
    let digits = text(field);
    let digits = digits.trim();
    if digits.is_empty() { Some(0) } else { u64::from_str_radix(digits, 8).ok() }
}

/// The value of a pax record.
fn pax(data: &[u8], key: &str) -> Option<String> {
    let all = machine::text::from_bytes(data);
    let record = |line: &str| {
        let (name, value) = line.split_once(' ')?.1.split_once('=')?;
        (name == key).then(|| value.to_string())
    };
    all.lines().filter_map(record).next_back()
}

impl Iterator for Reader<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        let (mut long_name, mut long_target) = (None, None);
        loop {
            let header = self.take(BLOCK)?;
            if header.iter().all(|b| *b == 0) {
                return None;
            }
            let field = |from: usize, to: usize| header.get(from..to).unwrap_or(&[]);
            let size = usize::try_from(octal(field(124, 136))?).ok()?;
            let flag = *header.get(156)?;
            let data = if matches!(flag, b'1' | b'2' | b'5') { &[][..] } else { self.take(size)? };
            match flag {
                b'L' => long_name = Some(text(data)),
                b'K' => long_target = Some(text(data)),
                b'x' => {
                    long_name = pax(data, "path").or(long_name);
                    long_target = pax(data, "linkpath").or(long_target);
                }
                b'g' => {}
                _ => {
                    let prefix = if field(257, 263) == b"ustar\0" { text(field(345, 500)) } else { String::new() };
                    let short = if prefix.is_empty() {
                        text(field(0, 100))
                    } else {
                        format!("{prefix}/{}", text(field(0, 100)))
                    };
                    let kind = match flag {
                        b'0' | 0 | b'7' => EntryKind::File,
                        b'1' => EntryKind::Hardlink,
                        b'2' => EntryKind::Symlink,
                        b'5' => EntryKind::Directory,
                        _ => EntryKind::Other,
                    };
                    let id = |from: usize| octal(field(from, from + 8)).unwrap_or(0) as u32;
                    return Some(Entry {
                        path: long_name.unwrap_or(short),
                        kind,
                        mode: id(100) & 0o7777,
                        owner: (id(108), id(116)),
                        mtime: octal(field(136, 148)).unwrap_or(0) as i64,
                        target: long_target.unwrap_or_else(|| text(field(157, 257))),
                        data: data.to_vec(),
                    });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, data: &[u8]) -> Entry {
        Entry {
            path: path.into(),
            kind: EntryKind::File,
            mode: 0o644,
            owner: (1, 2),
            mtime: 7,
            target: String::new(),
            data: data.to_vec(),
        }
    }

    #[test]
    fn archives_survive() {
        let long = "d/".repeat(80) + "f";
        let mut link = file("l", b"");
        (link.kind, link.target) = (EntryKind::Symlink, "x".repeat(150));
        let mut directory = file("d/", b"");
        directory.kind = EntryKind::Directory;
        let entries = vec![file("a", b"hello"), directory, file(&long, &[1; 600]), link];
        let mut writer = Writer::default();
        entries.iter().for_each(|e| writer.add(e));
        let archive = writer.finish();
        assert!(is_tar(&archive) && archive.len() % BLOCK == 0);
        assert_eq!(Reader::new(&archive).collect::<Vec<_>>(), entries);
    }

    #[test]
    fn a_single_small_file_makes_two_kilobytes() {
        let mut writer = Writer::default();
        writer.add(&file("Dockerfile", b"FROM busybox\n"));
        assert_eq!(writer.finish().len(), 2048);
    }

    #[test]
    fn torn_archives_end() {
        let mut writer = Writer::default();
        writer.add(&file("a", &[7; 2000]));
        let archive = writer.finish();
        for cut in 0..archive.len() {
            let _ = Reader::new(&archive[..cut]).count();
        }
        assert_eq!(Reader::new(&[0xff; 2048]).count(), 0);
    }
}
