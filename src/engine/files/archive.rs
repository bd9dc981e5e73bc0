//! Tar archives, compressed by gzip or not: trees into them and out of them.

use std::borrow::Cow;
use std::io::Read;

use machine::fs::{Attr, FileKind, SetAttr};
use machine::{Sys, SysResult};

use super::scope::scoped_parent;
use super::tree::{self, join, walk};
use crate::error::{ApiError, ApiResult};

/// Archives are made and unpacked in memory.
const MAX_ARCHIVE: u64 = 256 * 1024 * 1024;

/// How a file that gzip compressed begins.
pub const GZIP: [u8; 3] = [0x1f, 0x8b, 8];

/// A tree as a tar archive, under the name `name`; without a name only what is in it.
pub async fn pack(sys: &Sys, place: &str, name: &str) -> ApiResult<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    let bad = |e: std::io::Error| ApiError::internal(e.to_string());
    let attr = sys.lstat(place)?;
    if !name.is_empty() {
        append(sys, &mut builder, place, name, &attr).map_err(bad)?;
    }
    let mut total = 0;
    if attr.is_dir() {
        for found in walk(sys, place) {
            total += found.attr.size;
            if total > MAX_ARCHIVE {
                return Err(ApiError::internal("drydock: archives of more than 256 MB are not emulated here"));
            }
            // An archive of everything begins with what is in the root.
            if matches!(name, "" | "/") && found.path.is_empty() {
                continue;
            }
            let at = if matches!(name, "" | "/") { found.path.clone() } else { join(name, &found.path) };
            append(sys, &mut builder, &join(place, &found.path), &at, &found.attr).map_err(bad)?;
            sys.tick(5_000 + found.attr.size / 16).await;
        }
    }
    builder.into_inner().map_err(bad)
}

fn append(sys: &Sys, builder: &mut tar::Builder<Vec<u8>>, from: &str, name: &str, attr: &Attr) -> std::io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_mode(attr.mode);
    header.set_uid(u64::from(attr.uid));
    header.set_gid(u64::from(attr.gid));
    header.set_mtime(attr.mtime.seconds().max(0) as u64);
    header.set_size(0);
    match attr.kind {
        FileKind::Directory => {
            header.set_entry_type(tar::EntryType::Directory);
            let name = match name {
                "/" => "./".to_string(),
                name => format!("{}/", name.trim_matches('/')),
            };
            match dotted(&mut header, &name) {
                true => builder.append(&header, std::io::empty()),
                false => builder.append_data(&mut header, name, std::io::empty()),
            }
        }
        FileKind::Symlink => {
            header.set_entry_type(tar::EntryType::Symlink);
            builder.append_link(&mut header, name, sys.read_link(from).unwrap_or_default())
        }
        FileKind::Regular => {
            let content = sys.file_content(from).unwrap_or_default();
            header.set_size(content.size);
            let hole = content.size.saturating_sub(content.data.len() as u64);
            let data = content.data.chain(std::io::repeat(0).take(hole));
            match dotted(&mut header, name) {
                true => builder.append(&header, data),
                false => builder.append_data(&mut header, name, data),
            }
        }
        _ => Ok(()),
    }
}

/// Names a member `./x`, which the library would write as `x`; not where the name is a long one.
fn dotted(header: &mut tar::Header, name: &str) -> bool {
    let field = &mut header.as_old_mut().name;
    let fits = name.starts_with("./") && name.len() < field.len();
    if fits {
        field.fill(0);
        field.iter_mut().zip(name.bytes()).for_each(|(to, byte)| *to = byte);
        header.set_cksum();
    }
    fits
}

/// An archive without its compression, if it has one (gzip's). What cannot be read is given back as it is.
pub fn plain_tar(data: &[u8]) -> Cow<'_, [u8]> {
    gunzip(data).map_or(Cow::Borrowed(data), Cow::Owned)
}

/// Source: RFC 1952.
fn gunzip(data: &[u8]) -> Option<Vec<u8>> {
    let rest = data.strip_prefix(&GZIP)?;
    let flags = *rest.first()?;
    let mut rest = rest.get(7..)?;
    if flags & 4 != 0 {
        let length = usize::from(u16::from_le_bytes([*rest.first()?, *rest.get(1)?]));
        rest = rest.get(2 + length..)?;
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            // A name or a comment, to its zero.
            let end = rest.iter().position(|b| *b == 0)?;
            rest = rest.get(end + 1..)?;
        }
    }
    if flags & 2 != 0 {
        rest = rest.get(2..)?;
    }
    miniz_oxide::inflate::decompress_to_vec_with_limit(rest, MAX_ARCHIVE as usize).ok()
}

/// What is wrong with an archive: most of all that it is none.
pub fn tar_error(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::Other => "unexpected EOF".to_string(),
        _ => format!("Error processing tar file(exit status 1): {error}"),
    }
}

/// Unpacks a tar archive below `root`; names cannot lead out of it.
pub async fn unpack(sys: &Sys, root: &str, archive: &[u8]) -> ApiResult<()> {
    let bad = |e: std::io::Error| ApiError::bad(tar_error(&e));
    let mut archive = tar::Archive::new(archive);
    for entry in archive.entries().map_err(bad)? {
        let mut entry = entry.map_err(bad)?;
        let name = machine::text::from_bytes(&entry.path_bytes());
        let place = scoped_parent(sys, root, &name);
        let header = entry.header().clone();
        let stamp = SetAttr {
            mode: header.mode().ok().map(|m| m & 0o7777),
            uid: header.uid().ok().map(|u| u as u32),
            gid: header.gid().ok().map(|g| g as u32),
            mtime: header.mtime().ok().map(|t| machine::UnixTime(t as i64 * 1_000_000_000)),
            ..SetAttr::default()
        };
        let parent = place.rsplit_once('/').map_or("/", |(p, _)| p);
        tree::make_dirs(sys, parent, 0o755)?;
        let size = header.size().unwrap_or(0);
        let done: SysResult<()> = match header.entry_type() {
            tar::EntryType::Directory => {
                let made = sys.mkdir(&place, 0o755);
                if made.is_err() && !sys.stat(&place).is_ok_and(|a| a.is_dir()) {
                    made
                } else {
                    sys.set_attr(&place, &stamp)
                }
            }
            tar::EntryType::Symlink => {
                let target = entry.link_name_bytes().map(|b| machine::text::from_bytes(&b)).unwrap_or_default();
                let _ = sys.unlink(&place);
                sys.symlink(&target, &place).and_then(|()| sys.set_link_attr(&place, &SetAttr { mode: None, ..stamp }))
            }
            tar::EntryType::Link => {
                let target = entry.link_name_bytes().map(|b| machine::text::from_bytes(&b)).unwrap_or_default();
                let _ = sys.unlink(&place);
                sys.link(&scoped_parent(sys, root, &target), &place)
            }
            tar::EntryType::Regular | tar::EntryType::Continuous | tar::EntryType::GNUSparse => {
                let mut data = Vec::with_capacity(size.min(1 << 20) as usize);
                entry.read_to_end(&mut data).map_err(bad)?;
                if sys.lstat(&place).is_ok_and(|a| a.kind == FileKind::Symlink) {
                    let _ = sys.unlink(&place);
                }
                sys.put_file(&place, data.into(), 0o644).and_then(|()| sys.set_attr(&place, &stamp))
            }
            tar::EntryType::Fifo => sys.mkfifo(&place, stamp.mode.unwrap_or(0o644)),
            _ => Ok(()),
        };
        done?;
        sys.tick(10_000 + size / 16).await;
    }
    Ok(())
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_undone_and_anything_else_stays() {
        let mut packed = vec![0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3];
        packed.extend_from_slice(b"name\0");
        packed.extend(miniz_oxide::deflate::compress_to_vec(b"hello hello hello", 6));
        packed.extend_from_slice(&[0; 8]);
        assert_eq!(&*plain_tar(&packed), b"hello hello hello");
        assert_eq!(&*plain_tar(b"plain"), b"plain");
        assert_eq!(&*plain_tar(&[0x1f, 0x8b, 8, 4]), &[0x1f, 0x8b, 8, 4]);
    }
}
