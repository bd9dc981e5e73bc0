//! `useradd` and `groupadd` (shadow-utils 4.13), and BusyBox's `adduser` and `addgroup`: users and groups for images.
//! Passwords are not emulated, so every new account is locked.

use machine::ExitCode;
use machine::fs::SetAttr;

use crate::context::Context;

/// The name or number is taken.
const IN_USE: ExitCode = ExitCode(9);
/// A group that was named is not there.
const NO_GROUP: ExitCode = ExitCode(6);

/// What is asked for.
#[derive(Default)]
struct Wanted {
    name: String,
    uid: Option<u32>,
    /// The main group, by name or number.
    group: String,
    more_groups: Vec<String>,
    home: String,
    shell: String,
    comment: String,
    make_home: bool,
    system: bool,
}

fn lines(cx: &Context, path: &str) -> Vec<Vec<String>> {
    let data = cx.sys.read_file(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&data).into_owned();
    text.lines().map(|line| line.split(':').map(String::from).collect()).collect()
}

fn add_line(cx: &Context, path: &str, line: &str, mode: u32) {
    let mut data = cx.sys.read_file(path).unwrap_or_default();
    if data.last().is_some_and(|b| *b != b'\n') {
        data.push(b'\n');
    }
    data.extend_from_slice(line.as_bytes());
    data.push(b'\n');
    let _ = cx.sys.put_file(path, data.into(), mode);
}

/// The number of a group by name or number.
fn group_id(cx: &Context, group: &str) -> Option<u32> {
    let groups = lines(cx, "/etc/group");
    let found = groups.iter().find(|g| g.first().is_some_and(|n| n == group) || g.get(2).is_some_and(|n| n == group));
    found.and_then(|g| g.get(2)?.parse().ok())
}

const USERS: &str = "/etc/passwd";
const GROUPS: &str = "/etc/group";

/// The first number of a range that is free in all of these files.
fn free_id(cx: &Context, files: &[&str], mut range: impl Iterator<Item = u32>) -> u32 {
    let taken: Vec<u32> =
        files.iter().flat_map(|path| lines(cx, path)).filter_map(|fields| fields.get(2)?.parse().ok()).collect();
    range.find(|id| !taken.contains(id)).unwrap_or(65_533)
}

fn add_group(cx: &Context, name: &str, gid: u32) {
    add_line(cx, "/etc/group", &format!("{name}:x:{gid}:"), 0o644);
}

/// Puts a user into groups that are there.
fn join(cx: &Context, user: &str, groups: &[String]) {
    let mut all = lines(cx, "/etc/group");
    for group in all.iter_mut().filter(|g| g.first().is_some_and(|n| groups.contains(n))) {
        if let Some(members) = group.get_mut(3) {
            if members.split(',').any(|m| m == user) {
                continue;
            }
            let comma = if members.is_empty() { "" } else { "," };
            members.push_str(&format!("{comma}{user}"));
        }
    }
    let text: String = all.iter().map(|g| g.join(":") + "\n").collect();
    let _ = cx.sys.put_file("/etc/group", text.into_bytes().into(), 0o644);
}

fn add_user(cx: &Context, wanted: &Wanted, uid: u32, gid: u32) {
    let Wanted { name, comment, home, shell, .. } = wanted;
    add_line(cx, "/etc/passwd", &format!("{name}:x:{uid}:{gid}:{comment}:{home}:{shell}"), 0o644);
    if cx.sys.stat("/etc/shadow").is_ok() {
        let day = cx.sys.wall_clock().seconds() / 86_400;
        add_line(cx, "/etc/shadow", &format!("{name}:!:{day}:0:99999:7:::"), 0o640);
    }
    join(cx, name, &wanted.more_groups);
    if wanted.make_home && cx.sys.stat(home).is_err() {
        let parent = home.rsplit_once('/').map_or("", |(parent, _)| parent);
        if !parent.is_empty() && cx.sys.stat(parent).is_err() {
            let _ = cx.sys.mkdir(parent, 0o755);
        }
        let _ = cx.sys.mkdir(home, 0o755);
        let set = SetAttr { uid: Some(uid), gid: Some(gid), ..SetAttr::default() };
        let _ = cx.sys.set_attr(home, &set);
    }
}

fn exists(cx: &Context, path: &str, name: &str) -> bool {
    lines(cx, path).iter().any(|fields| fields.first().is_some_and(|n| n == name))
}

/// The options of a command line: letter and value; then the operands. `Err` is an option that it does not know.
type Options = (Vec<(char, String)>, Vec<String>);

fn options(args: &[String], with: &str, without: &str, long: &[(&str, char)]) -> Result<Options, String> {
    let (mut given, mut operands, mut words) = (Vec::new(), Vec::new(), args.iter());
    while let Some(word) = words.next() {
        if let Some(name) = word.strip_prefix("--") {
            let (name, value) = name.split_once('=').map_or((name, None), |(n, v)| (n, Some(v.to_string())));
            let letter = long.iter().find(|(n, _)| *n == name).map(|(_, l)| *l).ok_or(word.clone())?;
            let value = if with.contains(letter) { value.or_else(|| words.next().cloned()) } else { value };
            given.push((letter, value.unwrap_or_default()));
        } else if let Some(letters) = word.strip_prefix('-').filter(|l| !l.is_empty()) {
            for (at, letter) in letters.char_indices() {
                if with.contains(letter) {
                    let rest = &letters[at + letter.len_utf8()..];
                    let value = if rest.is_empty() { words.next().cloned().unwrap_or_default() } else { rest.into() };
                    given.push((letter, value));
                    break;
                }
                if !without.contains(letter) {
                    return Err(format!("-{letter}"));
                }
                given.push((letter, String::new()));
            }
        } else {
            operands.push(word.clone());
        }
    }
    Ok((given, operands))
}

async fn refuse(cx: &mut Context, text: String, status: ExitCode) -> ExitCode {
    cx.error(text).await;
    status
}

/// `useradd`
pub async fn run_useradd(cx: &mut Context) -> ExitCode {
    const LONG: &[(&str, char)] = &[
        ("comment", 'c'),
        ("create-home", 'm'),
        ("gid", 'g'),
        ("groups", 'G'),
        ("home-dir", 'd'),
        ("no-create-home", 'M'),
        ("no-log-init", 'l'),
        ("no-user-group", 'N'),
        ("shell", 's'),
        ("system", 'r'),
        ("uid", 'u'),
        ("user-group", 'U'),
    ];
    let (given, operands) = match options(&cx.args.clone(), "cdgGsu", "mMlNrU", LONG) {
        Ok(parsed) => parsed,
        Err(option) => return refuse(cx, format!("drydock: {option} is not emulated here"), ExitCode(2)).await,
    };
    let Some(name) = operands.first().cloned() else {
        return refuse(cx, "drydock: its help is not emulated here".into(), ExitCode(2)).await;
    };
    let mut wanted = Wanted { home: format!("/home/{name}"), shell: "/bin/sh".into(), name, ..Wanted::default() };
    for (letter, value) in given {
        match letter {
            'c' => wanted.comment = value,
            'd' => wanted.home = value,
            'g' => wanted.group = value,
            'G' => wanted.more_groups = value.split(',').map(String::from).collect(),
            'm' => wanted.make_home = true,
            'r' => wanted.system = true,
            's' => wanted.shell = value,
            'u' => wanted.uid = value.parse().ok(),
            _ => {}
        }
    }
    if !cx.sys.credentials().is_root() {
        cx.error("Permission denied.").await;
        return refuse(cx, "cannot lock /etc/passwd; try again later.".into(), ExitCode::FAILURE).await;
    }
    if exists(cx, "/etc/passwd", &wanted.name) {
        return refuse(cx, format!("user '{}' already exists", wanted.name), IN_USE).await;
    }
    let named: Vec<String> = [wanted.group.clone()].into_iter().chain(wanted.more_groups.clone()).collect();
    if let Some(missing) = named.iter().find(|g| !g.is_empty() && group_id(cx, g).is_none()) {
        return refuse(cx, format!("group '{missing}' does not exist"), NO_GROUP).await;
    }
    if wanted.group.is_empty() && exists(cx, "/etc/group", &wanted.name) {
        let text = format!("group {} exists - if you want to add this user to that group, use -g.", wanted.name);
        return refuse(cx, text, IN_USE).await;
    }
    // A group of its own gets the same number.
    let files: &[&str] = if wanted.group.is_empty() { &[USERS, GROUPS] } else { &[USERS] };
    let uid = match (wanted.uid, wanted.system) {
        (Some(uid), _) => uid,
        (None, true) => free_id(cx, files, (100..=999).rev()),
        (None, false) => free_id(cx, files, 1000..60_000),
    };
    if lines(cx, "/etc/passwd").iter().any(|p| p.get(2).is_some_and(|n| *n == uid.to_string())) {
        return refuse(cx, format!("UID {uid} is not unique"), ExitCode(4)).await;
    }
    let gid = group_id(cx, &wanted.group).unwrap_or(uid);
    if wanted.group.is_empty() {
        add_group(cx, &wanted.name, gid);
    }
    add_user(cx, &wanted, uid, gid);
    cx.status()
}

/// `groupadd`
pub async fn run_groupadd(cx: &mut Context) -> ExitCode {
    let long = &[("force", 'f'), ("gid", 'g'), ("non-unique", 'o'), ("system", 'r')];
    let (given, operands) = match options(&cx.args.clone(), "g", "for", long) {
        Ok(parsed) => parsed,
        Err(option) => return refuse(cx, format!("drydock: {option} is not emulated here"), ExitCode(2)).await,
    };
    let Some(name) = operands.first() else {
        return refuse(cx, "drydock: its help is not emulated here".into(), ExitCode(2)).await;
    };
    let has = |letter: char| given.iter().any(|(l, _)| *l == letter);
    if exists(cx, "/etc/group", name) {
        let text = format!("group '{name}' already exists");
        return if has('f') { ExitCode::SUCCESS } else { refuse(cx, text, IN_USE).await };
    }
    let asked = given.iter().find(|(l, _)| *l == 'g').and_then(|(_, v)| v.parse().ok());
    let gid = match (asked, has('r')) {
        (Some(gid), _) => gid,
        (None, true) => free_id(cx, &[GROUPS], (100..=999).rev()),
        (None, false) => free_id(cx, &[GROUPS], 1000..60_000),
    };
    add_group(cx, name, gid);
    cx.status()
}

/// `adduser`, BusyBox's.
pub async fn run_adduser(cx: &mut Context) -> ExitCode {
    if !cx.is_busybox() {
        cx.complain("drydock: adduser is not emulated here, only useradd\n").await;
        return ExitCode::FAILURE;
    }
    let (given, operands) = match options(&cx.args.clone(), "hgsGuk", "SDH", &[]) {
        Ok(parsed) => parsed,
        Err(option) => return refuse(cx, format!("drydock: {option} is not emulated here"), ExitCode::FAILURE).await,
    };
    let Some(name) = operands.first().cloned() else {
        return refuse(cx, "drydock: its help is not emulated here".into(), ExitCode::FAILURE).await;
    };
    let has = |letter: char| given.iter().any(|(l, _)| *l == letter);
    let value = |letter: char| given.iter().find(|(l, _)| *l == letter).map(|(_, v)| v.clone());
    if let Some(group) = operands.get(1) {
        // Two names: the user, who is there, joins the group.
        join(cx, &name, std::slice::from_ref(group));
        return cx.status();
    }
    let system = has('S');
    let wanted = Wanted {
        home: value('h').unwrap_or_else(|| format!("/home/{name}")),
        shell: value('s').unwrap_or_else(|| if system { "/bin/false" } else { "/bin/sh" }.to_string()),
        comment: value('g').unwrap_or_else(|| "Linux User,,,".to_string()),
        group: value('G').unwrap_or_default(),
        uid: value('u').and_then(|v| v.parse().ok()),
        make_home: !has('H'),
        system,
        more_groups: Vec::new(),
        name,
    };
    if !cx.sys.credentials().is_root() {
        return refuse(cx, "permission denied (are you root?)".into(), ExitCode::FAILURE).await;
    }
    if !system && !has('D') {
        cx.complain("drydock: adduser without -D asks for a password, which is not emulated here\n").await;
        return ExitCode::FAILURE;
    }
    if exists(cx, "/etc/passwd", &wanted.name) {
        return refuse(cx, format!("user '{}' in use", wanted.name), ExitCode::FAILURE).await;
    }
    if !wanted.group.is_empty() && group_id(cx, &wanted.group).is_none() {
        return refuse(cx, format!("unknown group {}", wanted.group), ExitCode::FAILURE).await;
    }
    let uid = wanted.uid.unwrap_or_else(|| {
        let own = !system && wanted.group.is_empty();
        let files: &[&str] = if own { &[USERS, GROUPS] } else { &[USERS] };
        free_id(cx, files, if system { 100..1000 } else { 1000..60_000 })
    });
    let gid = match wanted.group.as_str() {
        "" if system => group_id(cx, "nogroup").unwrap_or(65_534),
        "" => {
            add_group(cx, &wanted.name, uid);
            uid
        }
        group => group_id(cx, group).unwrap_or(uid),
    };
    add_user(cx, &wanted, uid, gid);
    cx.status()
}

/// `addgroup`, BusyBox's.
pub async fn run_addgroup(cx: &mut Context) -> ExitCode {
    if !cx.is_busybox() {
        cx.complain("drydock: addgroup is not emulated here, only groupadd\n").await;
        return ExitCode::FAILURE;
    }
    let (given, operands) = match options(&cx.args.clone(), "g", "S", &[]) {
        Ok(parsed) => parsed,
        Err(option) => return refuse(cx, format!("drydock: {option} is not emulated here"), ExitCode::FAILURE).await,
    };
    let group = match operands.as_slice() {
        [group] => group,
        [user, group] => {
            join(cx, user, std::slice::from_ref(group));
            return cx.status();
        }
        _ => return refuse(cx, "drydock: its help is not emulated here".into(), ExitCode::FAILURE).await,
    };
    if exists(cx, "/etc/group", group) {
        return refuse(cx, format!("group '{group}' in use"), ExitCode::FAILURE).await;
    }
    let asked = given.iter().find(|(l, _)| *l == 'g').and_then(|(_, v)| v.parse().ok());
    let system = given.iter().any(|(l, _)| *l == 'S');
    let gid = asked.unwrap_or_else(|| free_id(cx, &[GROUPS], if system { 100..1000 } else { 1000..60_000 }));
    add_group(cx, group, gid);
    cx.status()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_told_from_names() {
        let words = |text: &str| text.split(' ').map(String::from).collect::<Vec<_>>();
        let read = |text: &str| options(&words(text), "gu", "mr", &[("uid", 'u'), ("system", 'r')]);
        let one = |l: char, v: &str| (l, v.to_string());
        assert_eq!(read("-mr -u 5 bob"), Ok((vec![one('m', ""), one('r', ""), one('u', "5")], words("bob"))));
        assert_eq!(read("--uid=7 --system bob"), Ok((vec![one('u', "7"), one('r', "")], words("bob"))));
        assert_eq!(read("-mu9 bob"), Ok((vec![one('m', ""), one('u', "9")], words("bob"))));
        assert_eq!(read("-x bob"), Err("-x".to_string()));
    }
}
