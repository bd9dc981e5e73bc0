use super::*;
use crate::kernel::UnixTime;

fn fs_with(capacity: u64, stored: u64) -> Rc<MemFs> {
    let config = MemFsConfig { fstype: "ext4", dev: 1, capacity, options: String::new(), mode: 0o755 };
    MemFs::new(config, &Clock::new(UnixTime(0)), &Space::new(stored))
}

fn fs() -> Rc<MemFs> {
    fs_with(1 << 30, 1 << 20)
}

fn make(fs: &MemFs, dir: Ino, name: &str, kind: NewKind) -> Ino {
    fs.create(dir, name, &NewNode { kind, mode: 0o644, uid: 0, gid: 0 }).unwrap()
}

fn bytes(fs: &MemFs, ino: Ino) -> Vec<u8> {
    let mut buf = vec![9; fs.attr(ino).unwrap().size as usize];
    let n = fs.read(ino, 0, &mut buf).unwrap();
    assert_eq!(n, buf.len());
    buf
}

#[test]
fn writes_behind_the_end_leave_zeros() {
    let fs = fs();
    let file = make(&fs, ROOT, "f", NewKind::Regular);
    fs.write(file, 3, b"ab").unwrap();
    assert_eq!(bytes(&fs, file), b"\0\0\0ab");
    fs.write(file, 1, b"xyz!").unwrap();
    assert_eq!(bytes(&fs, file), b"\0xyz!");
}

#[test]
fn holes_read_as_zeros_and_cost_nothing() {
    let fs = fs();
    let file = make(&fs, ROOT, "f", NewKind::Regular);
    fs.set_content(file, FileContent::from(b"head".to_vec()).padded_to(1 << 24)).unwrap();
    assert_eq!(fs.space.used(), 4);
    let mut buf = [9; 6];
    assert_eq!(fs.read(file, 2, &mut buf).unwrap(), 6);
    assert_eq!(&buf, b"ad\0\0\0\0");
    assert_eq!(fs.read(file, (1 << 24) - 1, &mut buf).unwrap(), 1);
    assert_eq!(fs.read(file, 1 << 24, &mut buf).unwrap(), 0);
}

#[test]
fn cut_and_grown_again_it_is_zeros() {
    let fs = fs();
    let file = make(&fs, ROOT, "f", NewKind::Regular);
    fs.write(file, 0, b"secret").unwrap();
    let size = |size| SetAttr { size: Some(size), ..SetAttr::default() };
    fs.set_attr(file, &size(2)).unwrap();
    fs.set_attr(file, &size(5)).unwrap();
    assert_eq!(bytes(&fs, file), b"se\0\0\0");
    assert_eq!(fs.space.used(), 2);
}

#[test]
fn copies_share_bytes_until_one_is_written() {
    let fs = fs();
    let (a, b) = (make(&fs, ROOT, "a", NewKind::Regular), make(&fs, ROOT, "b", NewKind::Regular));
    fs.write(a, 0, b"same").unwrap();
    fs.set_content(b, fs.content(a).unwrap().unwrap()).unwrap();
    assert_eq!(fs.space.used(), 4);
    fs.write(b, 0, b"S").unwrap();
    assert_eq!((bytes(&fs, a), bytes(&fs, b)), (b"same".to_vec(), b"Same".to_vec()));
    assert_eq!(fs.space.used(), 8);
}

#[test]
fn a_full_disk_says_so_and_changes_nothing() {
    let fs = fs_with(8192, 1 << 20);
    let file = make(&fs, ROOT, "f", NewKind::Regular);
    assert_eq!(fs.write(file, 0, &[1; 9000]), Err(Errno::ENOSPC));
    assert_eq!(fs.attr(file).unwrap().size, 0);
    fs.write(file, 0, &[1; 8192]).unwrap();
    let second = make(&fs, ROOT, "g", NewKind::Regular);
    assert_eq!(fs.write(second, 0, b"x"), Err(Errno::ENOSPC));
    fs.unlink(ROOT, "f").unwrap();
    fs.write(second, 0, b"x").unwrap();
    let small = fs_with(1 << 30, 10);
    let file = make(&small, ROOT, "f", NewKind::Regular);
    assert_eq!(small.write(file, 0, &[1; 11]), Err(Errno::ENOSPC));
    assert_eq!(small.attr(file).unwrap().blocks, 0);
}

#[test]
fn an_open_file_outlives_its_names() {
    let fs = fs();
    let file = make(&fs, ROOT, "f", NewKind::Regular);
    fs.link(file, ROOT, "g").unwrap();
    assert_eq!(fs.attr(file).unwrap().nlink, 2);
    fs.retain(file);
    fs.unlink(ROOT, "f").unwrap();
    fs.unlink(ROOT, "g").unwrap();
    fs.write(file, 0, b"x").unwrap();
    assert_eq!(fs.attr(file).unwrap().nlink, 0);
    assert_eq!(fs.link(file, ROOT, "again"), Err(Errno::ENOENT));
    fs.release(file);
    assert_eq!(fs.attr(file), Err(Errno::ENOENT));
    assert_eq!(fs.space.used(), 0);
}

#[test]
fn rename_replaces_like_with_like() {
    let fs = fs();
    let (d, e) = (make(&fs, ROOT, "d", NewKind::Directory), make(&fs, ROOT, "e", NewKind::Directory));
    let (f, g) = (make(&fs, ROOT, "f", NewKind::Regular), make(&fs, ROOT, "g", NewKind::Regular));
    assert_eq!(fs.rename(ROOT, "f", ROOT, "d"), Err(Errno::EISDIR));
    assert_eq!(fs.rename(ROOT, "d", ROOT, "f"), Err(Errno::ENOTDIR));
    make(&fs, e, "x", NewKind::Regular);
    assert_eq!(fs.rename(ROOT, "d", ROOT, "e"), Err(Errno::ENOTEMPTY));
    assert_eq!(fs.rename(ROOT, "e", d, "e").map(|()| fs.parent(e).unwrap()), Ok((d, "e".into())));
    assert_eq!(fs.rename(ROOT, "d", e, "deep"), Err(Errno::EINVAL));
    fs.rename(ROOT, "f", ROOT, "g").unwrap();
    assert_eq!(fs.lookup(ROOT, "g"), Ok(f));
    assert_eq!(fs.attr(g), Err(Errno::ENOENT));
    assert_eq!(fs.attr(ROOT).unwrap().nlink, 3);
    assert_eq!(fs.attr(d).unwrap().nlink, 3);
    fs.link(f, ROOT, "h").unwrap();
    fs.rename(ROOT, "g", ROOT, "h").unwrap();
    assert!(fs.lookup(ROOT, "g").is_ok(), "two names of one file both stay");
}

#[test]
fn directories_list_in_byte_order() {
    let fs = fs();
    for name in ["b", "a", "B", "한", ".c"] {
        make(&fs, ROOT, name, NewKind::Regular);
    }
    let names: Vec<String> = fs.read_dir(ROOT).unwrap().into_iter().map(|e| e.name).collect();
    assert_eq!(names, [".c", "B", "a", "b", "한"]);
}
