//! Listing archives and taking files out of them.

use std::io::Read;

use machine::fs::SetAttr;
use machine::{Errno, ExitCode, SysResult, UnixTime};
use tar::EntryType;

use super::{Job, Line};
use crate::context::Context;
use crate::text::mode_string;

type Done = Result<(), ExitCode>;

/// A member that was read.
struct Member {
    name: String,
    kind: EntryType,
    mode: u32,
    owner: (u32, u32),
    names: (String, String),
    /// Seconds since 1970.
    mtime: i64,
    size: u64,
    target: String,
    data: Vec<u8>,
}

/// `-t`.
pub async fn list(cx: &mut Context, job: &mut Job) -> Done {
    let members = read(cx, job, false).await?;
    let verbose = job.parsed.has('v');
    for member in members {
        let text = if verbose { long(job, &member, cx.is_busybox()) } else { member.name };
        cx.line(&text).await;
    }
    Ok(())
}

/// `-x`.
pub async fn extract(cx: &mut Context, job: &mut Job) -> Done {
    let members = read(cx, job, true).await?;
    if let Some(folder) = job.folder.clone()
        && let Err(error) = cx.sys.stat(&folder)
    {
        let text = if cx.is_busybox() {
            format!("can't change directory to '{folder}': {error}")
        } else {
            format!("{folder}: Cannot open: {error}")
        };
        return job.fatal(cx, &text).await;
    }
    // A folder's time and mode are set when nothing is put into it any more.
    let mut folders = Vec::new();
    for member in members {
        let relative = job.relative(cx, &member.name, "member names").await;
        let name = job.shortened(&relative);
        if name.is_empty() {
            if cx.is_busybox() && job.parsed.has('v') {
                cx.line(&member.name).await;
            }
            continue;
        }
        if name.split('/').any(|part| part == "..") && !job.parsed.has('P') {
            job.trouble(cx, &format!("{name}: Member name contains '..'")).await;
            continue;
        }
        if job.parsed.has('v') {
            let text = if job.parsed.options.iter().filter(|(o, _)| *o == 'v').count() > 1 && !cx.is_busybox() {
                long(job, &member, false)
            } else {
                member.name.clone()
            };
            if job.parsed.has('O') && !cx.is_busybox() {
                cx.complain(&format!("{text}\n")).await;
            } else {
                cx.line(&text).await;
            }
        }
        cx.sys.tick(10_000 + member.size / 16).await;
        if job.parsed.has('O') {
            cx.put(&member.data).await;
            continue;
        }
        let place = job.on_disk(name.trim_end_matches('/'));
        if let Err(error) = place_member(cx, job, &member, &place) {
            let text = match member.kind {
                _ if error == Errno::EEXIST && member.kind != EntryType::Symlink => {
                    format!("{name}: Cannot open: {error}")
                }
                EntryType::Directory => format!("{name}: Cannot mkdir: {error}"),
                EntryType::Symlink => format!("{name}: Cannot create symlink to '{}': {error}", member.target),
                EntryType::Link => format!("{name}: Cannot hard link to '{}': {error}", member.target),
                _ => format!("{name}: Cannot open: {error}"),
            };
            job.trouble(cx, &text).await;
        } else if member.kind == EntryType::Directory {
            folders.push((place, member));
        }
    }
    for (place, member) in folders.into_iter().rev() {
        let _ = cx.sys.set_attr(&place, &stamp(cx, job, &member));
    }
    Ok(())
}

/// Owner, mode and time that a member's file gets.
fn stamp(cx: &Context, job: &Job, member: &Member) -> SetAttr {
    let root = cx.sys.credentials().euid == 0;
    let mode = if root || job.parsed.has('p') { member.mode } else { member.mode & !umask(cx) };
    let owner = root && !job.parsed.has('o');
    SetAttr {
        mode: Some(mode & 0o7777),
        uid: owner.then_some(member.owner.0),
        gid: owner.then_some(member.owner.1),
        mtime: (!job.parsed.has('m')).then_some(UnixTime(member.mtime.saturating_mul(1_000_000_000))),
        ..SetAttr::default()
    }
}

fn place_member(cx: &Context, job: &Job, member: &Member, place: &str) -> SysResult<()> {
    let sys = &cx.sys;
    if let Some((parent, _)) = place.rsplit_once('/').filter(|(parent, _)| !parent.is_empty()) {
        make_folders(cx, parent)?;
    }
    let there = sys.lstat(place);
    if member.kind == EntryType::Directory {
        return match there {
            Ok(attr) if attr.is_dir() => Ok(()),
            Ok(_) => Err(Errno::EEXIST),
            Err(_) => sys.mkdir(place, 0o755),
        };
    }
    if let Ok(attr) = there {
        if job.parsed.has('k') || attr.is_dir() {
            return Err(Errno::EEXIST);
        }
        sys.unlink(place)?;
    }
    let set = stamp(cx, job, member);
    match member.kind {
        EntryType::Symlink => {
            sys.symlink(&member.target, place)?;
            sys.set_link_attr(place, &SetAttr { mode: None, ..set })
        }
        EntryType::Link => sys.link(&job.on_disk(&job.shortened(&member.target)), place),
        EntryType::Fifo => sys.mkfifo(place, 0o600).and_then(|()| sys.set_attr(place, &set)),
        _ => sys.put_file(place, member.data.clone().into(), 0o600).and_then(|()| sys.set_attr(place, &set)),
    }
}

/// The umask; asking for it means setting it.
fn umask(cx: &Context) -> u32 {
    let mask = cx.sys.umask(0o022);
    cx.sys.umask(mask);
    mask
}

fn make_folders(cx: &Context, path: &str) -> SysResult<()> {
    let ends = path.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0).chain([path.len()]);
    for end in ends {
        match cx.sys.mkdir(path.get(..end).unwrap_or(path), 0o755) {
            Ok(()) | Err(Errno::EEXIST) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A member as `tar -tv` shows it.
fn long(job: &mut Job, member: &Member, busybox: bool) -> String {
    let kind = match member.kind {
        EntryType::Directory => 'd',
        EntryType::Symlink => 'l',
        EntryType::Link if !busybox => 'h',
        EntryType::Fifo => 'p',
        _ => '-',
    };
    let link = match member.kind {
        EntryType::Symlink => Some(format!(" -> {}", member.target)),
        EntryType::Link if busybox => Some(format!(" -> {}", member.target)),
        EntryType::Link => Some(format!(" link to {}", member.target)),
        _ => None,
    };
    let numeric = job.parsed.has('n');
    let named = |name: &str, id: u32| if name.is_empty() || numeric { id.to_string() } else { name.to_string() };
    let line = Line {
        mode: format!("{kind}{}", mode_string(member.mode)),
        owner: named(&member.names.0, member.owner.0),
        group: named(&member.names.1, member.owner.1),
        size: member.size,
        time: member.mtime.saturating_mul(1_000_000_000),
        name: &member.name,
        link,
    };
    job.listed(&line, busybox)
}

/// The members that the operands name; all if there are none.
async fn read(cx: &mut Context, job: &mut Job, with_data: bool) -> Result<Vec<Member>, ExitCode> {
    let data = job.load(cx).await?;
    if data.len() < 512 && cx.is_busybox() {
        return job.fatal(cx, "short read").await;
    }
    let (mut members, mut found) = (Vec::new(), vec![false; job.names.len()]);
    let mut archive = tar::Archive::new(&*data);
    let entries = match archive.entries() {
        Ok(entries) => entries,
        Err(_) => return Ok(members),
    };
    for entry in entries {
        let Ok(mut entry) = entry else {
            if members.is_empty() && found.iter().all(|f| !f) && !cx.is_busybox() {
                cx.complain("tar: This does not look like a tar archive\n").await;
                job.failed = true;
            } else if cx.is_busybox() {
                return job.fatal(cx, "invalid tar magic").await;
            } else {
                job.trouble(cx, "Unexpected EOF in archive").await;
            }
            break;
        };
        let name = machine::text::from_bytes(&entry.path_bytes());
        let wanted = |operand: &String| {
            let (operand, name) = (operand.trim_end_matches('/'), name.trim_end_matches('/'));
            name == operand || name.strip_prefix(operand).is_some_and(|rest| rest.starts_with('/'))
        };
        // BusyBox takes what is below a folder, and yet says that the folder itself is not there.
        let chosen = job.names.iter().position(wanted);
        let chosen_itself = job.names.iter().position(|n| n.trim_end_matches('/') == name.trim_end_matches('/'));
        let seen = if cx.is_busybox() { chosen_itself } else { chosen };
        if let Some(at) = seen.and_then(|at| found.get_mut(at)) {
            *at = true;
        }
        if (chosen.is_none() && !job.names.is_empty()) || job.is_excluded(&name) {
            continue;
        }
        let header = entry.header().clone();
        let text = |bytes: Option<&[u8]>| bytes.map(machine::text::from_bytes).unwrap_or_default();
        let names = (text(header.username_bytes()), text(header.groupname_bytes()));
        let target = entry.link_name_bytes().map(|b| machine::text::from_bytes(&b)).unwrap_or_default();
        let mut content = Vec::new();
        if with_data && entry.read_to_end(&mut content).is_err() {
            job.trouble(cx, "Unexpected EOF in archive").await;
        }
        members.push(Member {
            name,
            kind: header.entry_type(),
            mode: header.mode().unwrap_or(0o644),
            owner: (header.uid().unwrap_or(0) as u32, header.gid().unwrap_or(0) as u32),
            names,
            mtime: header.mtime().unwrap_or(0).min(i64::MAX as u64) as i64,
            size: entry.size(),
            target,
            data: content,
        });
    }
    for (name, _) in job.names.clone().iter().zip(&found).filter(|(_, found)| !**found) {
        let text = if cx.is_busybox() {
            format!("{name}: not found in archive")
        } else {
            format!("{name}: Not found in archive")
        };
        job.trouble(cx, &text).await;
    }
    Ok(members)
}
