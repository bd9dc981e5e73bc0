use super::*;
use crate::fs::memory::{MemFs, MemFsConfig, Space};
use crate::kernel::{Clock, UnixTime};

/// A disk with the directories `low`, `mid`, `up` and a function to fill them.
struct Disk(Rc<MemFs>);

impl Disk {
    fn new() -> Disk {
        let config = MemFsConfig { fstype: "ext4", dev: 1, capacity: 1 << 30, options: String::new(), mode: 0o755 };
        let disk = Disk(MemFs::new(config, &Clock::new(UnixTime(0)), &Space::new(1 << 20)));
        for dir in ["low", "mid", "up"] {
            disk.dir(dir);
        }
        disk
    }

    fn at(&self, path: &str) -> SysResult<Ino> {
        path.split('/').try_fold(self.0.root(), |at, name| self.0.lookup(at, name))
    }

    fn add(&self, path: &str, kind: NewKind) -> Ino {
        let (dir, name) = path.rsplit_once('/').map_or((self.0.root(), path), |(d, n)| (self.at(d).unwrap(), n));
        self.0.create(dir, name, &NewNode { kind, mode: 0o640, uid: 7, gid: 8 }).unwrap()
    }

    fn dir(&self, path: &str) -> Ino {
        self.add(path, NewKind::Directory)
    }

    fn file(&self, path: &str, text: &str) -> Ino {
        let ino = self.add(path, NewKind::Regular);
        self.0.write(ino, 0, text.as_bytes()).unwrap();
        ino
    }

    fn overlay(&self) -> Rc<OverlayFs> {
        let layer = |path| Layer { fs: self.0.clone(), root: self.at(path).unwrap() };
        OverlayFs::new(vec![layer("mid"), layer("low")], Some(layer("up")), 2, String::new())
    }

    fn kind(&self, path: &str) -> SysResult<FileKind> {
        Ok(self.0.attr(self.at(path)?)?.kind)
    }
}

fn names(fs: &OverlayFs, dir: Ino) -> Vec<String> {
    fs.read_dir(dir).unwrap().into_iter().map(|e| e.name).collect()
}

fn text(fs: &OverlayFs, ino: Ino) -> String {
    let mut buf = vec![0; fs.attr(ino).unwrap().size as usize];
    fs.read(ino, 0, &mut buf).unwrap();
    String::from_utf8(buf).unwrap()
}

fn regular() -> NewNode {
    NewNode { kind: NewKind::Regular, mode: 0o600, uid: 0, gid: 0 }
}

#[test]
fn upper_layers_hide_and_directories_merge() {
    let disk = Disk::new();
    disk.dir("low/d");
    disk.file("low/d/a", "low");
    disk.file("low/d/b", "low");
    disk.dir("mid/d");
    disk.file("mid/d/b", "mid");
    disk.add("mid/d/a", NewKind::CharDevice(WHITEOUT));
    let fs = disk.overlay();
    let d = fs.lookup(ROOT, "d").unwrap();
    assert_eq!(names(&fs, d), ["b"]);
    assert_eq!(text(&fs, fs.lookup(d, "b").unwrap()), "mid");
    assert_eq!(fs.lookup(d, "a"), Err(Errno::ENOENT));
    assert_eq!(fs.attr(d).unwrap().nlink, 1);
}

#[test]
fn writing_copies_up_with_owner_mode_and_directories() {
    let disk = Disk::new();
    disk.dir("low/d");
    disk.dir("low/d/e");
    disk.file("low/d/e/f", "old");
    let fs = disk.overlay();
    let e = fs.lookup(fs.lookup(ROOT, "d").unwrap(), "e").unwrap();
    let f = fs.lookup(e, "f").unwrap();
    let before = fs.attr(f).unwrap();
    fs.write(f, 3, b"er").unwrap();
    assert_eq!(fs.lookup(e, "f"), Ok(f), "the number stays");
    assert_eq!(text(&fs, f), "older");
    let after = fs.attr(f).unwrap();
    assert_eq!((after.uid, after.gid, after.mode), (before.uid, before.gid, before.mode));
    assert_eq!(disk.0.attr(disk.at("low/d/e/f").unwrap()).unwrap().size, 3);
    assert_eq!(disk.kind("up/d/e/f"), Ok(FileKind::Regular));
    assert_eq!(disk.0.attr(disk.at("up/d").unwrap()).unwrap().uid, 7);
}

#[test]
fn removed_names_leave_whiteouts_only_where_something_is_below() {
    let disk = Disk::new();
    disk.file("low/f", "x");
    let fs = disk.overlay();
    fs.create(ROOT, "own", &regular()).unwrap();
    fs.unlink(ROOT, "own").unwrap();
    assert_eq!(disk.kind("up/own"), Err(Errno::ENOENT));
    fs.unlink(ROOT, "f").unwrap();
    assert_eq!(disk.kind("up/f"), Ok(FileKind::CharDevice));
    assert_eq!(fs.lookup(ROOT, "f"), Err(Errno::ENOENT));
    assert!(names(&fs, ROOT).is_empty());
    fs.create(ROOT, "f", &regular()).unwrap();
    assert_eq!(disk.kind("up/f"), Ok(FileKind::Regular));
}

#[test]
fn a_directory_made_anew_is_opaque() {
    let disk = Disk::new();
    disk.dir("low/d");
    disk.file("low/d/f", "x");
    let fs = disk.overlay();
    let d = fs.lookup(ROOT, "d").unwrap();
    assert_eq!(fs.rmdir(ROOT, "d"), Err(Errno::ENOTEMPTY));
    fs.unlink(d, "f").unwrap();
    fs.rmdir(ROOT, "d").unwrap();
    assert_eq!(disk.kind("up/d"), Ok(FileKind::CharDevice));
    let new = NewNode { kind: NewKind::Directory, ..regular() };
    let d = fs.create(ROOT, "d", &new).unwrap();
    assert!(names(&fs, d).is_empty());
    assert!(disk.0.is_opaque(disk.at("up/d").unwrap()));
}

#[test]
fn renames_move_files_and_refuse_directories_from_below() {
    let disk = Disk::new();
    disk.file("low/f", "x");
    disk.dir("low/d");
    disk.file("low/g", "g");
    let fs = disk.overlay();
    assert_eq!(fs.rename(ROOT, "d", ROOT, "e"), Err(Errno::EXDEV));
    fs.rename(ROOT, "f", ROOT, "g").unwrap();
    assert_eq!(names(&fs, ROOT), ["d", "g"]);
    assert_eq!(text(&fs, fs.lookup(ROOT, "g").unwrap()), "x");
    let new = NewNode { kind: NewKind::Directory, ..regular() };
    fs.create(ROOT, "n", &new).unwrap();
    fs.rmdir(ROOT, "d").unwrap();
    fs.rename(ROOT, "n", ROOT, "d").unwrap();
    assert!(disk.0.is_opaque(disk.at("up/d").unwrap()));
}

#[test]
fn an_open_file_goes_on_after_it_was_removed() {
    let disk = Disk::new();
    disk.file("low/f", "x");
    let fs = disk.overlay();
    let f = fs.lookup(ROOT, "f").unwrap();
    fs.prepare_write(f).unwrap();
    fs.retain(f);
    fs.unlink(ROOT, "f").unwrap();
    fs.write(f, 1, b"y").unwrap();
    assert_eq!(text(&fs, f), "xy");
    fs.release(f);
    assert_eq!(fs.attr(f), Err(Errno::ENOENT));
}

#[test]
fn hard_links_below_part_when_one_is_written() {
    let disk = Disk::new();
    let f = disk.file("low/f", "x");
    disk.0.link(f, disk.at("low").unwrap(), "g").unwrap();
    let fs = disk.overlay();
    let f = fs.lookup(ROOT, "f").unwrap();
    fs.write(f, 0, b"y").unwrap();
    let g = fs.lookup(ROOT, "g").unwrap();
    assert_ne!(f, g);
    assert_eq!((text(&fs, f), text(&fs, g)), ("y".into(), "x".into()));
}

#[test]
fn without_an_upper_layer_it_is_read_only() {
    let disk = Disk::new();
    let f = disk.file("low/f", "x");
    let _ = f;
    let layer = Layer { fs: disk.0.clone(), root: disk.at("low").unwrap() };
    let fs = OverlayFs::new(vec![layer], None, 2, String::new());
    let f = fs.lookup(ROOT, "f").unwrap();
    assert_eq!(text(&fs, f), "x");
    assert_eq!(fs.write(f, 0, b"y"), Err(Errno::EROFS));
    assert_eq!(fs.unlink(ROOT, "f"), Err(Errno::EROFS));
}
