//! Making archives.

use std::io::Read;

use machine::fs::{Attr, FileKind};
use machine::{ExitCode, Fd};

use super::{FATAL, Job, Line, owners};
use crate::context::Context;
use crate::utilities::gzip;
use crate::utilities::ls::mode_text;

/// Bytes that an archive may have.
const LARGEST: u64 = 64 << 20;
/// GNU tar writes whole records.
const RECORD: usize = 10_240;

type Builder = tar::Builder<Vec<u8>>;
type Done = Result<(), ExitCode>;

/// `-c`.
pub async fn create(cx: &mut Context, job: &mut Job) -> Done {
    if job.names.is_empty() {
        if cx.is_busybox() {
            return job.fatal(cx, "empty archive").await;
        }
        cx.complain("tar: Cowardly refusing to create an empty archive\nTry 'tar --help' or 'tar --usage' for more information.\n").await;
        return Err(FATAL);
    }
    write(cx, job, tar::Builder::new(Vec::new())).await
}

/// `-r`.
pub async fn append(cx: &mut Context, job: &mut Job) -> Done {
    let mut data = job.load(cx).await?;
    // What there is ends in front of the two empty blocks.
    let end = data.chunks(512).position(|block| block.iter().all(|b| *b == 0)).map_or(data.len(), |at| at * 512);
    data.truncate(end);
    let builder = tar::Builder::new(data);
    write(cx, job, builder).await
}

async fn write(cx: &mut Context, job: &mut Job, mut builder: Builder) -> Done {
    if job.file == "-" && cx.sys.isatty(Fd::STDOUT) && !cx.is_busybox() {
        return job.fatal(cx, "Refusing to write archive contents to terminal (missing -f option?)").await;
    }
    for name in job.names.clone() {
        add_tree(cx, job, &mut builder, &name).await?;
    }
    let Ok(mut data) = builder.into_inner() else { return job.fatal(cx, "Cannot write").await };
    if !cx.is_busybox() {
        data.resize(data.len().next_multiple_of(RECORD), 0);
    }
    cx.sys.tick(data.len() as u64).await;
    if job.is_packed() {
        cx.sys.tick(data.len() as u64 * 20).await;
        data = gzip::pack(&data, 6, None);
    }
    if job.file == "-" {
        cx.put(&data).await;
        return Ok(());
    }
    let file = job.file.clone();
    match cx.sys.put_file(&file, data.into(), 0o666) {
        Ok(()) => Ok(()),
        Err(error) if cx.is_busybox() => job.fatal(cx, &format!("can't open '{file}': {error}")).await,
        Err(error) => job.fatal(cx, &format!("{file}: Cannot open: {error}")).await,
    }
}

/// Adds a name and all that is below it.
async fn add_tree(cx: &mut Context, job: &mut Job, builder: &mut Builder, name: &str) -> Done {
    let mut open = vec![name.to_string()];
    while let Some(name) = open.pop() {
        let place = job.on_disk(&name);
        if job.is_excluded(&name) {
            continue;
        }
        let follow = job.parsed.has('h');
        let attr = match if follow { cx.sys.stat(&place) } else { cx.sys.lstat(&place) } {
            Ok(attr) => attr,
            Err(error) => {
                let text =
                    if cx.is_busybox() { format!("{name}: {error}") } else { format!("{name}: Cannot stat: {error}") };
                job.trouble(cx, &text).await;
                continue;
            }
        };
        if attr.is_dir() && !job.parsed.has('R') {
            let mut below: Vec<String> = match cx.sys.read_dir(&place) {
                Ok(entries) => entries.into_iter().map(|e| e.name).filter(|n| n != "." && n != "..").collect(),
                Err(error) => {
                    job.trouble(cx, &format!("{name}: Cannot open: {error}")).await;
                    Vec::new()
                }
            };
            below.sort();
            open.extend(below.into_iter().rev().map(|n| format!("{}/{n}", name.trim_end_matches('/'))));
        }
        add(cx, job, builder, &name, &place, &attr).await?;
    }
    Ok(())
}

async fn add(cx: &mut Context, job: &mut Job, builder: &mut Builder, name: &str, place: &str, attr: &Attr) -> Done {
    if attr.kind == FileKind::Socket {
        cx.complain(&format!("tar: {name}: socket ignored\n")).await;
        return Ok(());
    }
    if builder.get_ref().len() as u64 + attr.size > LARGEST {
        return job.fatal(cx, &format!("{name}: drydock: archives of more than 64 MB are not emulated here")).await;
    }
    let mut member = job.relative(cx, name, "member names").await;
    if attr.is_dir() && !member.ends_with('/') {
        member.push('/');
    }
    if place.trim_start_matches("./") == job.file.trim_start_matches("./") && attr.is_file() {
        cx.complain(&format!("tar: {name}: file is the archive; not dumped\n")).await;
        return Ok(());
    }
    let (owner, group) = owners(cx, attr);
    let mut header = tar::Header::new_gnu();
    header.set_mode(attr.mode & 0o7777);
    header.set_uid(u64::from(attr.uid));
    header.set_gid(u64::from(attr.gid));
    header.set_mtime(attr.mtime.seconds().max(0) as u64);
    header.set_size(0);
    // A name that is too long for its field is left out; the number stands.
    let _ = header.set_username(&owner);
    let _ = header.set_groupname(&group);
    let mut link = None;
    let added = match attr.kind {
        FileKind::Directory => {
            header.set_entry_type(tar::EntryType::Directory);
            builder.append_data(&mut header, &member, std::io::empty())
        }
        FileKind::Symlink => {
            header.set_entry_type(tar::EntryType::Symlink);
            let target = cx.sys.read_link(place).unwrap_or_default();
            link = Some(format!(" -> {target}"));
            builder.append_link(&mut header, &member, target)
        }
        FileKind::Regular => match cx.sys.file_content(place) {
            Ok(content) => {
                header.set_size(content.size);
                let hole = content.size.saturating_sub(content.data.len() as u64);
                builder.append_data(&mut header, &member, content.data.chain(std::io::repeat(0).take(hole)))
            }
            Err(error) => {
                job.trouble(cx, &format!("{name}: Cannot open: {error}")).await;
                return Ok(());
            }
        },
        FileKind::Fifo => {
            header.set_entry_type(tar::EntryType::Fifo);
            builder.append_data(&mut header, &member, std::io::empty())
        }
        _ => Ok(()),
    };
    if let Err(error) = added {
        job.trouble(cx, &format!("{name}: {error}")).await;
        return Ok(());
    }
    cx.sys.tick(5_000 + attr.size / 16).await;
    say(cx, job, (name, &member), attr, (owner, group), link).await;
    Ok(())
}

/// What `-v` says of a member: its name as it was given, or a long line of the member.
async fn say(
    cx: &mut Context,
    job: &mut Job,
    (name, member): (&str, &str),
    attr: &Attr,
    (owner, group): (String, String),
    link: Option<String>,
) {
    let verbose = job.parsed.options.iter().filter(|(o, _)| *o == 'v').count();
    if verbose > 0 {
        let size = if attr.is_file() { attr.size } else { 0 };
        let line = Line { mode: mode_text(attr), owner, group, size, time: attr.mtime.0, name: member, link };
        let shown = if attr.is_dir() && !name.ends_with('/') { format!("{name}/") } else { name.to_string() };
        let text = match cx.is_busybox() {
            false if verbose > 1 => job.listed(&line, false),
            false => shown,
            true => member.to_string(),
        };
        if job.file == "-" {
            cx.complain(&format!("{text}\n")).await;
        } else {
            cx.line(&text).await;
        }
    }
}
