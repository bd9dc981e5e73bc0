//! Opening files: what an open file or directory does.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::mount::Location;
use super::vfs::{PathContext, Vfs, is_special, may_write};
use super::walk::{Last, READ, WRITE, permit, walk};
use super::{Attr, DeviceNumber, FileKind, Jump, NewKind, OpenFlags, SetAttr};
use crate::errno::{Errno, SysResult};
use crate::io::pipe::Pipe;
use crate::io::{Description, File, FileRef, Seek};

/// The pipe behind a FIFO's name, and how often each end was opened: an opener waits for the other end to
/// be opened, even if it is closed again at once.
pub(crate) struct Fifo {
    pub pipe: Rc<Pipe>,
    pub reads: Cell<u64>,
    pub writes: Cell<u64>,
}

/// What opening a path comes to.
pub(crate) enum Opened {
    /// An open file.
    Ready(Rc<Description>),
    /// A FIFO: the caller waits for its other end.
    Fifo(Rc<Fifo>),
    /// A device; the kernel's drivers open it.
    Device(FileKind, DeviceNumber, Place),
}

/// The file behind a description, and the name by which it was opened.
#[derive(Clone)]
pub(crate) struct Place {
    pub at: Location,
    pub dir: Location,
    pub name: String,
}

impl Vfs {
    /// `open(2)`, but for waiting. `mode` has the umask applied.
    pub(crate) fn open(&self, ctx: &PathContext, path: &str, flags: OpenFlags, mode: u32) -> SysResult<Opened> {
        let walked = walk(ctx, path, !(flags.no_follow || flags.create && flags.exclusive))?;
        let (dir, last, slash) = (walked.dir.clone(), walked.last.clone(), walked.slash);
        let name = match &last {
            Last::Name(name) => name.clone(),
            _ => String::new(),
        };
        let at = match walked.found {
            Some(_) if flags.create && flags.exclusive => return Err(Errno::EEXIST),
            Some(Jump::Open(description)) => return reopen(&description, flags),
            Some(Jump::Location(at)) => at,
            None if !flags.create => return Err(Errno::ENOENT),
            None if slash => return Err(Errno::EISDIR),
            None if flags.directory => return Err(Errno::EINVAL),
            None => {
                let at = self.create(ctx, &dir, &name, NewKind::Regular, mode)?;
                return Ok(Opened::Ready(OpenFile::describe(Place { at, dir, name }, flags)));
            }
        };
        let attr = at.fs().attr(at.ino)?;
        check_open(ctx, &at, &attr, flags)?;
        let place = Place { at, dir, name };
        Ok(match attr.kind {
            FileKind::Directory => {
                let access = (flags.read, false);
                Opened::Ready(Description::with_access(OpenDirectory { place }, access.0, access.1))
            }
            FileKind::Regular => {
                if flags.write {
                    place.at.fs().prepare_write(place.at.ino)?;
                }
                if flags.truncate && flags.write {
                    place.at.fs().set_attr(place.at.ino, &SetAttr { size: Some(0), ..SetAttr::default() })?;
                }
                Opened::Ready(OpenFile::describe(place, flags))
            }
            FileKind::Fifo => Opened::Fifo(self.fifo(place.at.fs().dev(), place.at.ino)),
            FileKind::CharDevice | FileKind::BlockDevice => Opened::Device(attr.kind, attr.rdev, place),
            FileKind::Symlink => return Err(Errno::ELOOP),
            FileKind::Socket => return Err(Errno::ENXIO),
        })
    }

    fn fifo(&self, dev: u64, ino: u64) -> Rc<Fifo> {
        let mut fifos = self.fifos.borrow_mut();
        // A FIFO that nobody holds open is empty.
        fifos.retain(|_, fifo| fifo.pipe.readers() + fifo.pipe.writers() > 0);
        let new = || {
            let pipe = Pipe::new(ino, self.clock.wall());
            Rc::new(Fifo { pipe, reads: Cell::new(0), writes: Cell::new(0) })
        };
        fifos.entry((dev, ino)).or_insert_with(new).clone()
    }
}

fn check_open(ctx: &PathContext, at: &Location, attr: &Attr, flags: OpenFlags) -> SysResult<()> {
    if attr.is_dir() && (flags.write || flags.create) {
        return Err(Errno::EISDIR);
    }
    if flags.directory && !attr.is_dir() {
        return Err(Errno::ENOTDIR);
    }
    if attr.kind == FileKind::Symlink {
        return Err(Errno::ELOOP);
    }
    permit(&ctx.credentials, attr, u32::from(flags.read) * READ + u32::from(flags.write) * WRITE)?;
    if flags.write && !is_special(attr.kind) {
        may_write(at)?;
    }
    if at.mount.flags.no_dev && matches!(attr.kind, FileKind::CharDevice | FileKind::BlockDevice) {
        return Err(Errno::EACCES);
    }
    Ok(())
}

/// Opens what `/proc/PID/fd/N` leads to anew, where it has no place in a file system.
fn reopen(description: &Rc<Description>, flags: OpenFlags) -> SysResult<Opened> {
    match description.file.kind() {
        FileRef::Pipe(pipe) => Ok(Opened::Ready(pipe.end(flags.read, flags.write))),
        FileRef::Socket(_) => Err(Errno::ENXIO),
        FileRef::Tty(_) | FileRef::PtyMaster(_) | FileRef::Other => Ok(Opened::Ready(description.clone())),
    }
}

/// An open regular file.
struct OpenFile {
    place: Place,
    offset: Cell<u64>,
    append: bool,
    /// The bytes of a file that is made on the fly, as they were when it was read from its start.
    generated: RefCell<Option<Vec<u8>>>,
}

impl OpenFile {
    fn describe(place: Place, flags: OpenFlags) -> Rc<Description> {
        place.at.fs().retain(place.at.ino);
        let file = OpenFile { place, offset: Cell::new(0), append: flags.append, generated: RefCell::default() };
        Description::with_access(file, flags.read, flags.write)
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> SysResult<usize> {
        let (fs, ino) = (self.place.at.fs(), self.place.at.ino);
        let mut generated = self.generated.borrow_mut();
        if offset == 0 || generated.is_none() {
            *generated = fs.generate(ino)?;
        }
        match &*generated {
            Some(bytes) => {
                let rest = bytes.get(usize::try_from(offset).unwrap_or(usize::MAX)..).unwrap_or_default();
                let n = rest.len().min(buf.len());
                buf[..n].copy_from_slice(&rest[..n]);
                Ok(n)
            }
            None => fs.read(ino, offset, buf),
        }
    }
}

impl File for OpenFile {
    fn read(&self, buf: &mut [u8]) -> SysResult<usize> {
        let offset = self.offset.get();
        let n = self.read_at(offset, buf)?;
        self.offset.set(offset + n as u64);
        Ok(n)
    }

    fn write(&self, buf: &[u8]) -> SysResult<usize> {
        let (fs, ino) = (self.place.at.fs(), self.place.at.ino);
        let offset = if self.append { fs.attr(ino)?.size } else { self.offset.get() };
        let n = fs.write(ino, offset, buf)?;
        self.offset.set(offset + n as u64);
        Ok(n)
    }

    fn seek(&self, to: Seek) -> SysResult<u64> {
        let at = match to {
            Seek::Set(at) => Some(at),
            Seek::Current(by) => self.offset.get().checked_add_signed(by),
            Seek::End(by) => self.place.at.fs().attr(self.place.at.ino)?.size.checked_add_signed(by),
        };
        let at = at.filter(|at| i64::try_from(*at).is_ok()).ok_or(Errno::EINVAL)?;
        self.offset.set(at);
        Ok(at)
    }

    fn attr(&self) -> SysResult<Attr> {
        self.place.at.fs().attr(self.place.at.ino)
    }

    fn location(&self) -> Option<&Location> {
        Some(&self.place.at)
    }

    fn opened_as(&self) -> Option<(&Location, &str)> {
        Some((&self.place.dir, &self.place.name))
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        self.place.at.fs().release(self.place.at.ino);
    }
}

/// An open directory.
struct OpenDirectory {
    place: Place,
}

impl File for OpenDirectory {
    fn read(&self, _: &mut [u8]) -> SysResult<usize> {
        Err(Errno::EISDIR)
    }

    fn seek(&self, to: Seek) -> SysResult<u64> {
        if to == Seek::Set(0) { Ok(0) } else { Err(Errno::EINVAL) }
    }

    fn attr(&self) -> SysResult<Attr> {
        self.place.at.fs().attr(self.place.at.ino)
    }

    fn location(&self) -> Option<&Location> {
        Some(&self.place.at)
    }
}
